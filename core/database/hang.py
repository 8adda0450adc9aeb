"""Whether the database hangs: it is there, and answers nothing. Web process and worker keep asking, on a thread."""

import logging
import threading
import time

from django.db import Error, connection

log = logging.getLogger(__name__)

QUESTION = "SELECT 1"
EVERY = 0.5  # seconds between two questions
ANSWERS_WITHIN = 1.5  # seconds that the question may take
WAITS_AT_MOST = 7.0  # seconds that a call waits for an answer; the server ends a statement after 5


class Watch:
    """What a process knows of its database. Where nobody watches (commands, migrations), nothing is ended."""

    def __init__(self) -> None:
        self.hangs = False
        self.shut = False  # it lets nobody in, whatever it does for those who are
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()

    def start(self) -> None:
        """Ask from now on."""
        self._stopped.clear()
        self._thread = threading.Thread(target=self._keep_asking, name="database", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask no more; end nothing any more."""
        self._stopped.set()
        if self._thread:
            self._thread.join()
        self._thread, self.hangs, self.shut = None, False, False

    def gives_up_on(self, *, waited: float) -> bool:
        """Whether a call that has waited `waited` seconds for an answer is to wait no longer."""
        if self._thread is None:
            return False
        if threading.current_thread() is self._thread:
            return waited > ANSWERS_WITHIN
        return self.hangs or waited > WAITS_AT_MOST

    def refuses_to_connect(self) -> bool:
        """Whether to try a new connection is of no use: the thread that asks tries, and tells when it is."""
        return (self.hangs or self.shut) and threading.current_thread() is not self._thread

    def nobody_gets_in(self) -> None:
        """Note that a new connection got no answer."""
        self.shut = self._thread is not None

    def _keep_asking(self) -> None:
        while not self._stopped.is_set():
            self.ask()
            self._stopped.wait(EVERY)
        connection.close()

    def ask(self) -> None:
        """Ask once, on a new connection where those were refused, and note how it went."""
        if self.shut:
            connection.close()
        began = time.monotonic()
        try:
            with connection.cursor() as cursor:
                cursor.execute(QUESTION)
        except Error:
            connection.close()
            self._found(hangs=time.monotonic() - began >= ANSWERS_WITHIN)  # else it is away, and says so at once
            # A refusal that comes at once is no silence: somebody is there to be asked again.
            self.shut = self.shut and self.hangs
        else:
            self._found(hangs=False)
            self.shut = False

    def _found(self, *, hangs: bool) -> None:
        """Note how it is, and write a change down."""
        if hangs != self.hangs:
            log.error("The database hangs: nobody waits for it") if hangs else log.warning("The database answers again")
        self.hangs = hangs


watch = Watch()
