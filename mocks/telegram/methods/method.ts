import type {Bot} from '../model.ts';
import type {World} from '../world.ts';

/** What a method works with beside its parameters. */
export interface Call {
  readonly world: World;
  readonly bot: Bot;
  /** Aborted when the other side hangs up, and when the simulator stops. */
  readonly signal: AbortSignal;
}

/** One Bot API method. Its parameters have passed the schema; it throws a Refusal for what the official server refuses. */
export type Method = (params: never, call: Call) => unknown;

export type Methods = Readonly<Record<string, Method>>;
