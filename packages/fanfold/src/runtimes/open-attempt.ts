/** What is open in this process for one attempt of one frame: timers, and the work that may have to be told to stop. */
export class OpenAttempt {
  /** Cancels the timer. */
  disarm: () => void = NOTHING_ARMED;
  /** Cancels the timer of the next heartbeat. */
  disarmHeartbeat: () => void = NOTHING_ARMED;
  /** Resolves when the service has answered; of `.sync` forms the outcome comes after that. */
  answered: Promise<unknown> | undefined;
  #cancelled = false;
  /** Made when somebody asks for the signal: most work is over before anybody could give it up. */
  #abort: AbortController | undefined;

  /** Nobody awaits the outcome any more. */
  get cancelled(): boolean {
    return this.#cancelled;
  }

  /** Aborted when the outcome is not awaited any more. */
  get signal(): AbortSignal {
    if (!this.#abort) {
      this.#abort = new AbortController();
      if (this.#cancelled) this.#abort.abort();
    }
    return this.#abort.signal;
  }

  cancel(): void {
    this.#cancelled = true;
    this.#abort?.abort();
  }

  disarmAll(): void {
    this.disarm();
    this.disarmHeartbeat();
  }
}

const NOTHING_ARMED = (): void => {};
