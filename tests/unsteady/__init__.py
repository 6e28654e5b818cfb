"""The tests where everything takes its time: what holds by luck of the clock on a quick machine falls here.

`make unsteady` runs all journeys once with each of these pytest plugins, and all tests with the last; `ONLY=app` takes
one:

- `app`: what the app waits for (fetch, a commit, a lock, a message) is late at random, so a test that looks too early
  sees it. A commit is on the disk when it is said late: nothing of that kind may be lost.
- `aside`: the test itself is put aside between two calls, so the app does first what it does by itself.
- `line`: the line takes up to half a second there and back, and the phone thinks four times as slowly.
- `busy`: two other processes for each processor want it all the time. No test of `make test` may fail for that: none
  judges seconds, but for three whose bound is what a fault would make somebody wait, and they say so.
"""
