"""The lanes of the worker: one thread each, so that what is quick never waits behind what is long."""

import signal
import time
from collections.abc import Collection, Mapping
from enum import StrEnum
from threading import Event

from huey import Huey
from huey.consumer import Consumer

# Whoever stops the portal waits some ten seconds for its processes; what is not over before goes on at the next start.
STOP_SECONDS = 5
HEALTH_SECONDS = 10
WATCH_SECONDS = 0.2


class Lane(StrEnum):
    """A queue with a thread of its own; a chore waits for those of its own lane only."""

    MAILS = "mails"  # what somebody waits for, and is done in a moment
    DOCUMENTS = "documents"  # what is drawn, page after page
    LONG = "long"  # what reads or writes the whole town


class LaneWorker:
    """The threads of some lanes in this process."""

    def __init__(self, queues: Mapping[Lane, Huey], stopping: Event, *, by_clock: bool = True) -> None:
        """Prepare one thread a lane.

        Args:
            by_clock: whether it also looks by itself what is due.
            stopping: set when the worker must stop: chores that can be left look at it between two steps.
        """
        self._stopping = stopping
        self._consumers: list[Consumer] = [
            queue.create_consumer(workers=1, periodic=by_clock, initial_delay=0.2, max_delay=1)
            for queue in queues.values()
        ]

    def start(self) -> None:
        """Start every lane."""
        for consumer in self._consumers:
            consumer.start()

    def run(self) -> None:
        """Work until the process is told to stop; a thread that died is replaced."""
        self.start()
        asked: list[int] = []
        # After the start: each consumer takes the signals for itself alone.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda received, _frame: asked.append(received))
        looked_at = time.monotonic()
        while not asked:
            time.sleep(WATCH_SECONDS)
            if time.monotonic() - looked_at > HEALTH_SECONDS:
                looked_at = time.monotonic()
                for consumer in self._consumers:
                    consumer.check_worker_health()
        self.stop()

    def stop(self) -> None:
        """Let each lane end the step that it is in, for some seconds at most; a step cut short is undone."""
        self._stopping.set()
        for consumer in self._consumers:
            consumer.stop_flag.set()
        deadline = time.monotonic() + STOP_SECONDS
        for consumer in self._consumers:
            consumer.shutdown_timeout = max(0, deadline - time.monotonic())
            consumer.stop(graceful=True)


def wanted_lanes(queues: Mapping[Lane, Huey], names: Collection[str]) -> dict[Lane, Huey]:
    """Return the queues of the lanes that a process was asked to serve; of all, when none was named."""
    return {lane: queue for lane, queue in queues.items() if not names or lane.value in names}
