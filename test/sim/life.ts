import {type Clock, createClock} from '../../src/clock.ts';
import type {Store} from '../../src/store/store.ts';
import type {SimClock} from './clock.ts';
import type {Caller} from './telegram.ts';

/**
 * One life of the program, from its start to its death. A dead one is not interrupted, as nothing can interrupt a running
 * function: it goes on to its next wait, but none of its effects reach the world, no timer of it fires and no call of it
 * is answered. So the world is as if it had died at the point where it did.
 */
export class Life implements Caller {
  readonly clock: Clock;
  readonly #world: SimClock;
  readonly #onDeath: (at: string) => void;
  #afterwards = () => {};
  #alive = true;
  /** Dies at this many points from now. */
  #pointsLeft = Number.POSITIVE_INFINITY;

  constructor(world: SimClock, onDeath: (at: string) => void) {
    this.#world = world;
    this.#onDeath = onDeath;
    this.clock = createClock({
      now: world.now,
      monotonic: world.monotonic,
      after: (ms, run) => (this.#alive ? world.after(ms, () => this.#alive && run()) : () => {}),
    });
  }

  isAlive(): boolean {
    return this.#alive;
  }

  point(name: string): void {
    if (this.#alive && --this.#pointsLeft <= 0) this.die(name);
  }

  /** Dies at one of the next points, or soon anyway. */
  crashSoon(points: number, afterwards: () => void): void {
    if (this.isDoomed()) return;
    this.#pointsLeft = points;
    this.#afterwards = afterwards;
    this.#world.after(90_000, () => this.die('at rest'));
  }

  isDoomed(): boolean {
    return this.#pointsLeft < Number.POSITIVE_INFINITY;
  }

  die(at: string): void {
    if (!this.#alive) return;
    this.#alive = false;
    this.#onDeath(at);
    this.#afterwards();
  }

  /** The store as this life sees it: each write is an effect with a point before and after it. */
  guard(store: Store): Store {
    const effect = <Args extends unknown[], Result>(name: string, work: (...args: Args) => Result, none: Result) => {
      return (...args: Args): Result => {
        this.point(`before ${name}`);
        if (!this.#alive) return none;
        const result = work(...args);
        this.point(`after ${name}`);
        return result;
      };
    };
    const {outbox, telegram} = store;
    return {
      ...store,
      commit: effect('commit', store.commit, {queued: 0}),
      outbox: {
        ...outbox,
        // The way from one delivery to the next has no wait in it while there is something to send.
        lanes: () => (this.#alive ? outbox.lanes() : []),
        lease: effect('lease', outbox.lease, undefined),
        sent: effect('sent', outbox.sent, undefined),
        retry: effect('retry', outbox.retry, undefined),
        doubt: effect('doubt', outbox.doubt, undefined),
        refuse: effect('refuse', outbox.refuse, undefined),
        takeEdits: effect('takeEdits', outbox.takeEdits, undefined),
        prune: effect('prune', outbox.prune, undefined),
      },
      telegram: {
        ...telegram,
        setOffset: effect('setOffset', telegram.setOffset, undefined),
        markHandled: effect('markHandled', telegram.markHandled, undefined),
        migrateChat: effect('migrateChat', telegram.migrateChat, undefined),
        block: effect('block', telegram.block, undefined),
        markDead: effect('markDead', telegram.markDead, undefined),
        markAlive: effect('markAlive', telegram.markAlive, undefined),
        createButton: effect('createButton', telegram.createButton, undefined),
        bindButton: effect('bindButton', telegram.bindButton, undefined),
        rememberReply: effect('rememberReply', telegram.rememberReply, undefined),
      },
    };
  }
}
