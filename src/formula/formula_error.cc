#include "formula/formula_error.h"

#include <algorithm>

#include "base/assert.h"
#include "formula/characters.h"

namespace oche::formula {
namespace {

constexpr std::size_t kExcerptColumns = 76;   // a line of source fits a terminal with its indent
constexpr std::size_t kShownCharacters = 40;  // of a name in a message
constexpr std::string_view kOmitted = "...";

struct Position {
  std::size_t line = 1;
  std::size_t column = 1;
  std::size_t line_start = 0;  // offsets of the line in the source
  std::size_t line_end = 0;
};

Position position_of(std::string_view source, std::size_t offset) {
  Position position;
  for (std::size_t i = 0; i < offset; ++i) {
    if (source[i] == '\n') {
      ++position.line;
      position.line_start = i + 1;
    }
  }
  position.line_end = std::min(source.find('\n', offset), source.size());
  for (std::size_t i = position.line_start; i < offset; ++position.column) {
    i += character_at(source, i).bytes;
  }
  return position;
}

// One character of the source as it is displayed.
struct Cell {
  std::string text;
  std::size_t columns = 0;
  bool is_marked = false;
};

std::vector<Cell> cells_of(std::string_view source, std::size_t begin, std::size_t end,
                           std::size_t mark_begin, std::size_t mark_end) {
  std::vector<Cell> cells;
  for (std::size_t i = begin; i < end;) {
    const Character character = character_at(source, i);
    Cell cell;
    if (source[i] == '\t') {
      cell = {" ", 1};
    } else {
      cell.text = visible(source, i, character, cell.columns);
    }
    cell.is_marked = i < mark_end && i + character.bytes > mark_begin;
    cells.push_back(std::move(cell));
    i += character.bytes;
  }
  return cells;
}

// The line of the place with carets below it. Of a long line only the surroundings of the place.
std::string excerpt(std::string_view source, const Position& position, std::size_t offset,
                    std::size_t length) {
  // No more than this many bytes on either side can be displayed.
  const std::size_t begin = offset - position.line_start > kExcerptColumns
                                ? offset - kExcerptColumns
                                : position.line_start;
  const std::size_t end = std::min(position.line_end, offset + 2 * kExcerptColumns);
  std::vector<Cell> cells =
      cells_of(source, begin, end, offset, offset + std::max<std::size_t>(length, 1));
  if (offset >= position.line_end) cells.push_back({"", 1, true});

  std::size_t first = 0;
  while (first < cells.size() && !cells[first].is_marked) ++first;
  std::size_t last = first + 1;  // cells [first, last) are displayed; grown to both sides in turn
  std::size_t columns = cells[first].columns;
  for (bool grew = true; grew;) {
    grew = false;
    if (last < cells.size() && columns + cells[last].columns <= kExcerptColumns) {
      columns += cells[last++].columns;
      grew = true;
    }
    if (first > 0 && columns + cells[first - 1].columns <= kExcerptColumns) {
      columns += cells[--first].columns;
      grew = true;
    }
  }

  std::string text, carets;
  if (first > 0 || begin > position.line_start) {
    text = kOmitted;
    carets = std::string(kOmitted.size(), ' ');
  }
  bool is_first_mark = true;
  for (std::size_t i = first; i < last; ++i) {
    text += cells[i].text;
    if (!cells[i].is_marked) {
      if (is_first_mark) carets.append(cells[i].columns, ' ');
      continue;
    }
    carets += is_first_mark ? '^' : '~';
    carets.append(cells[i].columns - 1, '~');
    is_first_mark = false;
  }
  if (last < cells.size() || end < position.line_end) text += kOmitted;
  return "\n  " + text + "\n  " + carets;
}

std::string whole_text(const std::string& message, std::string_view source, std::size_t offset,
                       std::size_t length) {
  OCHE_ASSERT(offset <= source.size());
  if (source.empty()) return message;
  return message + excerpt(source, position_of(source, offset), offset, length);
}

std::string joined(const std::vector<FormulaError>& problems, std::size_t more) {
  OCHE_ASSERT(!problems.empty());
  std::string text;
  for (const FormulaError& problem : problems) {
    if (!text.empty()) text += '\n';
    text += problem.what();
  }
  if (more > 0) {
    text += "\nand " + std::to_string(more) + (more == 1 ? " more problem" : " more problems");
  }
  return text;
}

}  // namespace

FormulaError::FormulaError(const std::string& message, std::string_view source, std::size_t offset,
                           std::size_t length)
    : Error(ErrorKind::usage, whole_text(message, source, offset, length)), message_(message) {
  const Position position = position_of(source, offset);
  line_ = position.line;
  column_ = position.column;
}

FormulaError::FormulaError(const std::string& whole, const FormulaError& first)
    : Error(ErrorKind::usage, whole),
      message_(first.message_),
      line_(first.line_),
      column_(first.column_) {}

FormulaError FormulaError::of(const std::vector<FormulaError>& problems, std::size_t more) {
  return FormulaError(joined(problems, more), problems.front());
}

std::string shown(std::string_view text) {
  const std::vector<Cell> cells =
      text.size() <= 8 * kShownCharacters
          ? cells_of(text, 0, text.size(), 0, 0)
          : cells_of(std::string(text.substr(0, 4 * kShownCharacters))
                         .append(text.substr(text.size() - 4 * kShownCharacters)),
                     0, 8 * kShownCharacters, 0, 0);
  std::string result;
  const std::size_t half = kShownCharacters / 2;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (cells.size() > kShownCharacters && i >= half && i < cells.size() - half) {
      if (i == half) result += kOmitted;
      continue;
    }
    result += cells[i].text;
  }
  return result;
}

}  // namespace oche::formula
