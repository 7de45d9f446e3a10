/**
 * When each incident next asks for a look. The earliest time is remembered, as it is asked for at every decision, and with
 * 10,000 open incidents nearly all of these find nothing due.
 */
export class DueTimes {
  readonly #at = new Map<number, number>();
  /** Undefined: has to be looked for. */
  #earliest: number | undefined = Number.POSITIVE_INFINITY;

  get size(): number {
    return this.#at.size;
  }

  /** Undefined takes the incident out. */
  set(id: number, at: number | undefined): void {
    if (this.#at.get(id) === this.#earliest) this.#earliest = undefined;
    if (at === undefined) this.#at.delete(id);
    else {
      this.#at.set(id, at);
      if (this.#earliest !== undefined && at < this.#earliest) this.#earliest = at;
    }
  }

  /** Infinity when nothing is due ever. */
  earliest(): number {
    if (this.#earliest === undefined) {
      this.#earliest = Number.POSITIVE_INFINITY;
      for (const at of this.#at.values()) if (at < this.#earliest) this.#earliest = at;
    }
    return this.#earliest;
  }

  /** The incidents whose time has come, in the order in which they were first set. */
  until(now: number): readonly number[] {
    if (this.earliest() > now) return [];
    return [...this.#at].filter(([, at]) => at <= now).map(([id]) => id);
  }
}
