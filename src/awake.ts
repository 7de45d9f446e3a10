import type {Cancel, Clock} from './clock.ts';

/** The clocks are compared this often. */
const LOOK_EVERY_MS = 5_000;
/** A look that is later than this by either clock means that the machine slept or stood still, or that its clock was set. */
const SLEPT_MS = 5_000;

/** Knows since when the program has been up and running without a break. */
export interface Awake {
  /** Epoch milliseconds; finds out by itself when the break is only just over. */
  since(): number;
  stop: Cancel;
}

export function createAwake(clock: Clock): Awake {
  let since = clock.now();
  let last = {wall: clock.now(), steady: clock.monotonic()};
  const look = () => {
    const now = {wall: clock.now(), steady: clock.monotonic()};
    const latest = LOOK_EVERY_MS + SLEPT_MS;
    const wasGone = now.wall - last.wall > latest || now.steady - last.steady > latest || now.wall < last.wall;
    if (wasGone) since = now.wall;
    last = now;
  };
  let unset: Cancel = () => {};
  const again = () => {
    look();
    unset = clock.after(LOOK_EVERY_MS, again);
  };
  again();
  return {
    since: () => {
      look();
      return since;
    },
    stop: () => unset(),
  };
}
