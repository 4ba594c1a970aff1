"""Speed and memory, measured and shown, never asserted: `python -m tests.benchmarks`, or `make bench`.

Speed is told as a ratio to a named alternative that runs in turns with ours in the same run, so that it survives a
change of machine; docs/performance.md tells what is measured and what was found.
"""
