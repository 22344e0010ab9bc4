"""The section of a report changes, and nothing else of it; peers that aren't here are said to be absent."""

import unittest
from unittest import mock

import exchange
import exchange_peers
import exchange_report

RUN = {"joined": 0.5, "ready": 0.75, "joining_seconds": 0.25, "redials": 0, "lost": 0, "seconds": 2.0,
       "leases": 1000, "chunks": 2000, "refused": 0, "host_seconds": 0.02, "own_seconds": 0.02,
       "efficiency": 0.991, "digest": True}


def found():
    """A run in which everything was there but two peers."""
    return exchange.Found(
        exchange.Effort(False), ["- Processor: one"], ["0.1", "0.2"], None, {**RUN, "bytes": 2048.0},
        {8: RUN, 1000: RUN}, RUN, [6.0], {0.2: RUN, 1: RUN}, [(RUN, RUN)],
        {"Work Queue": exchange_peers.Rate("Work Queue 1", "C", 100, 500), "Gearman": "gearmand isn't here"})


class Section(unittest.TestCase):
    """Of the report."""

    def test_takes_the_place_of_the_one_before(self):
        before = f"# Results\n\n## One\n\nText.\n\n{exchange.TITLE}\n\nOld.\n\n### Part\n\nOld.\n\n## Two\n\nText.\n"
        after = exchange_report.replaced(before, [exchange.TITLE, "", "New. ", ""])
        self.assertEqual(after, f"# Results\n\n## One\n\nText.\n\n{exchange.TITLE}\n\nNew.\n\n## Two\n\nText.\n")
        self.assertEqual(exchange_report.replaced(after, [exchange.TITLE, "", "New."]), after)

    def test_is_the_last_where_there_was_none(self):
        after = exchange_report.replaced("# Results\n\n## One\n\nText.\n", [exchange.TITLE, "", "New."])
        self.assertEqual(after, f"# Results\n\n## One\n\nText.\n\n{exchange.TITLE}\n\nNew.\n")
        self.assertEqual(exchange_report.replaced(after, [exchange.TITLE, "", "New."]), after)

    def test_says_what_was_found_and_who_is_absent(self):
        text = "\n".join(exchange_report.section(found()))
        self.assertIn("| 1000 | 0.50 s | 0.75 s | 250 | 0 | 0 |", text)
        self.assertIn("| Work Queue 1 | C | 100 | 500 | 5.0 |", text)
        self.assertIn("| Gearman | not here (gearmand isn't here) |", text)
        self.assertNotIn("DISAGREE", text)

    def test_says_that_a_digest_was_wrong(self):
        one = found()
        one.efficiency[1] = {**RUN, "digest": False}
        self.assertFalse(one.all_agree())
        self.assertIn("DISAGREE", "\n".join(exchange_report.section(one)))

    def test_a_peer_without_its_program_is_absent(self):
        with mock.patch.dict("os.environ", PATH="/nowhere"):
            for run, tasks in exchange_peers.PEERS.values():
                with self.assertRaises(exchange_peers.Absent):
                    run(1, tasks)


if __name__ == "__main__":
    unittest.main()
