"""What exchange.py found, as a section of the report."""

import datetime

import contest
import exchange
import report


def micros(run):
    """The host's processor time for a lease, in microseconds."""
    return 1e6 * run["host_seconds"] / run["leases"] if run["leases"] else float("nan")


def rate(run):
    """Leases per second."""
    return max(run["leases"], 1) / run["seconds"]


def _head(found):
    quick = ["**Made with --quick: the numbers below mean nothing.**", ""] if found.effort.quick else []
    return [exchange.TITLE, "", *quick, *report.paragraph(
        "Made by `./dev bench --only exchange --write bench/RESULTS.md`, which leaves the other sections as",
        f"they are; on {datetime.date.today()}, load average {' to '.join(found.load)} (the processes measured",
        "are two by themselves)."), *found.machine, "", *report.paragraph(
        "A real `oche host`, and `exchange_load`, one process with one loop of simulated workers of one core",
        "each that speak the real protocol, with keys. The job's chunks all have the same tally, which a",
        "worker computes once; it answers a lease at once, or after a time. Each job's digest was compared",
        "with that of its known tallies merged along the tree." if found.all_agree()
        else "**DISAGREE: a digest was wrong, or a true result was refused.**",
        "The host's time is its user's and system's, by /proc, which other load on the machine raises less",
        "than it lowers rates; the workers' process needs the other core.")]


def _joining(found):
    joined, idle = found.efficiency[0.2], found.idle
    rows = [[found.effort.workers, f"{joined['joined']:.2f} s", f"{joined['ready']:.2f} s",
             f"{1e6 * joined['joining_seconds'] / found.effort.workers:.0f}", joined["redials"], joined["lost"]]]
    lines = ["### Joining and staying", "", *report.paragraph(
        "From the first dial until all had joined, and until each had had a result accepted, with leases of",
        "200 ms; the host's time until then, per worker; dials that had to be repeated; sessions that were",
        "lost. The workers' process does 32 handshakes at a time, and has as much work with each as the host."),
             *report.table(["workers", "joined", "served", "host, µs per worker", "repeated", "lost"], rows)]
    if found.stayed:
        lines += report.paragraph(
            f"{found.effort.workers} workers with leases of 1 s for {found.stayed['seconds']:.0f} s: "
            f"{found.stayed['lost']} sessions lost, {found.stayed['leases']} leases, "
            f"{micros(found.stayed):.0f} µs of the host's time for each.")
    return lines + report.paragraph(
        f"{found.effort.idle} idle sessions: joined in {idle['joined']:.2f} s, {idle['lost']} lost; the host has",
        f"{idle['bytes'] / 1024:.1f} KiB for each, and is busy for",
        f"{100 * idle['host_seconds'] / idle['seconds']:.1f}% of a core with their heartbeats.")


def _saturation(found):
    rows = [[f"1 chunk, {workers} workers", f"{rate(run):.0f}", f"{run['chunks'] / run['seconds']:.3g}",
             f"{micros(run):.1f}", f"{1e6 / micros(run):.0f}"] for workers, run in found.single.items()]
    run = found.whole
    rows.append([f"{run['chunks'] / run['leases']:.0f} chunks, 100 workers", f"{rate(run):.0f}",
                 f"{run['chunks'] / run['seconds']:.3g}", f"{micros(run):.1f}", f"{1e6 / micros(run):.0f}"])
    return ["### Empty chunks", "", *report.paragraph(
        "Each lease is answered at once. *1 chunk*: workers say that a chunk takes 100 ms, the length of",
        "lease that the dispatcher aims at, so that each lease is one chunk: what a lease costs.",
        "The last row: they say what a chunk of this job takes, 20 µs, so that the dispatcher itself makes",
        "leases of many chunks. The last column is what one core of the host could do by its time per lease."),
            *report.table(["leases of", "leases/s", "chunks/s", "host, µs per lease", "leases/s of a core"], rows),
            *report.paragraph(
        "Each worker has two leases, and answers both when they come: two results are one record and one read",
        "of the host, its two answers and two new leases one record and one write. As much read and written by",
        "hand, without keys, messages or dispatcher (`build/bench/exchange_limit_bench`, in turns with the",
        f"first rows) costs {contest.median(found.limits) / 2:.1f} µs per lease.")]


def _efficiency(found):
    rows = [[f"{1000 * length:.0f} ms", found.effort.workers, f"{100 * run['efficiency']:.2f}%", f"{rate(run):.0f}",
             f"{micros(run):.1f}", run["lost"]] for length, run in found.efficiency.items()]
    ratios = [rate(keys) / rate(plain) for keys, plain in found.encryption]
    times = [micros(keys) - micros(plain) for keys, plain in found.encryption]
    return ["### Efficiency", "", *report.paragraph(
        "Time computed over cores times wall, of some seconds in the middle of a job whose leases last as",
        "long as said, by timer: one computing, one that waits."),
            *report.table(["lease", "cores", "efficiency", "leases/s", "host, µs per lease", "lost"], rows),
            *report.paragraph(
        f"Leases of 1 ms on 8 cores, with keys over `--insecure`, in turns: {contest.ratio_text(ratios)} of the",
        f"leases per second; the host's time per lease is {contest.median(times):.1f} µs more (median of",
        f"{len(times)}).")]


def _peers(found):
    run = found.single[8]
    rows = [["oche, keys, leases of 1 chunk", "simulated workers, answered at once", f"{rate(run):.0f}",
             f"{micros(run):.1f}", ""]]
    for name, peer in found.peers.items():
        if isinstance(peer, str):
            rows.append([name, f"not here ({peer})", "–", "–", "–"])
            continue
        manager = "–" if peer.manager != peer.manager else f"{peer.manager:.0f}"
        rows.append([peer.version, peer.form, f"{peer.per_second:.0f}", manager,
                     f"{rate(run) / peer.per_second:.1f}"])
    return ["### Beside others", "", *report.paragraph(
        "Tasks that do nothing, 8 workers, the same machine, one after the other. oche's workers are",
        "simulated, in one process; the others' are 8 processes of theirs, and those of Work Queue and",
        "parallel make a process for each task: that is how they are used, and costs the machine more than",
        "the manager. So the manager's own time per task is what compares. Only oche encrypts."),
            *report.table(["program", "form", "tasks/s", "manager, µs per task", "oche's rate over it"], rows)]


def section(found):
    """The section, as lines."""
    return [*_head(found), *_joining(found), *_saturation(found), *_efficiency(found), *_peers(found)]


def replaced(text, lines):
    """A report with this section in place of the one that it had, or at its end."""
    new = "\n".join(line.rstrip() for line in lines).rstrip() + "\n"
    before, title, rest = text.partition("\n" + lines[0] + "\n")
    if not title:
        return text.rstrip() + "\n\n" + new
    _, heading, after = rest.partition("\n## ")
    return before + "\n" + new + ("\n## " + after if heading else "")
