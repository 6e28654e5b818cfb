"""The journeys where everything takes its time: what holds by luck of the clock on a quick machine falls here.

`make unsteady` runs all journeys once with each of these pytest plugins; `make unsteady ONLY=app` takes one:

- `app`: what the app waits for (fetch, a commit, a lock, a message) is late at random, so a test that looks too early
  sees it. A commit is on the disk when it is said late: nothing of that kind may be lost.
- `aside`: the test itself is put aside between two calls, so the app does first what it does by itself.
- `line`: the line takes up to half a second there and back, and the phone thinks four times as slowly.
"""
