export interface Limits {
  /** Runs at once, of all hosts together. */
  readonly concurrency: number;
  /** Runs at once of one host; 0: as many as `concurrency` allows. */
  readonly concurrencyPerHost: number;
}

interface Guest {
  readonly host: string | undefined;
}

export interface Turns<T> {
  /** Joins the queue. */
  wait(guest: T): void;
  /** Whoever may run now, if anybody; it must be given to `done` later. */
  next(): T | undefined;
  done(guest: T): void;
  /** Resolves when nobody runs. */
  idle(): Promise<void>;
}

interface Lane<T> {
  taken: number;
  /** Made by the first that has to wait: most never do, and lanes come and go with every run. */
  waiting: Queue<T> | undefined;
}

/**
 * Who may run now: first come, first served, but whoever waits for a busy host stands in that host's own lane, and holds up
 * nobody else.
 */
export function createTurns<T extends Guest>({concurrency, concurrencyPerHost}: Limits): Turns<T> {
  const ready = createQueue<T>();
  const lanes = new Map<string, Lane<T>>();
  let running = 0;
  const idleAwaitedBy: (() => void)[] = [];

  /** A place of its host is taken as soon as somebody may go to the common queue. */
  function wait(guest: T): void {
    const lane = laneOf(guest.host);
    if (lane && lane.taken >= concurrencyPerHost) {
      lane.waiting ??= createQueue();
      return lane.waiting.add(guest);
    }
    if (lane) lane.taken++;
    return ready.add(guest);
  }

  function next(): T | undefined {
    if (running >= concurrency) return undefined;
    const guest = ready.take();
    if (guest) running++;
    return guest;
  }

  function done({host}: T): void {
    running--;
    if (running === 0 && idleAwaitedBy.length > 0) for (const tell of idleAwaitedBy.splice(0)) tell();
    const lane = laneOf(host);
    if (!lane || host === undefined) return;
    const following = lane.waiting?.take();
    if (following) return ready.add(following);
    lane.taken--;
    if (lane.taken === 0) lanes.delete(host);
  }

  function laneOf(host: string | undefined): Lane<T> | undefined {
    if (host === undefined || concurrencyPerHost === 0) return undefined;
    const known = lanes.get(host);
    if (known) return known;
    const lane: Lane<T> = {taken: 0, waiting: undefined};
    lanes.set(host, lane);
    return lane;
  }

  function idle(): Promise<void> {
    return new Promise((resolve) => {
      if (running === 0) resolve();
      else idleAwaitedBy.push(resolve);
    });
  }

  return {wait, next, done, idle};
}

interface Queue<T> {
  add(item: T): void;
  take(): T | undefined;
}

/** As `shift()` moves every item of a long array, the head moves instead. */
function createQueue<T>(): Queue<T> {
  let items: T[] = [];
  let head = 0;
  return {
    add: (item) => void items.push(item),
    take: () => {
      const item = items[head];
      if (item === undefined) return undefined;
      head++;
      if (head === items.length) {
        items = [];
        head = 0;
      }
      return item;
    },
  };
}
