import {parseArgs} from 'node:util';
import {type Command, isCommand, misuse, type Option, seeHelp, unknownCommand, unknownOption} from './usage.ts';

/** What a subcommand was called with. */
export interface Invocation {
  readonly words: readonly string[];
  readonly file: string;
  readonly json: boolean;
  readonly at: string | undefined;
  readonly observations: string | undefined;
  readonly history: string | undefined;
  readonly until: string | undefined;
  readonly env: string | undefined;
}

export type Arguments =
  | {readonly kind: 'command'; readonly command: Command; readonly invocation: Invocation}
  /** Asked for, of the program or of one command; or given because there was no command at all. */
  | {readonly kind: 'help'; readonly command: Command | undefined; readonly asked: boolean}
  | {readonly kind: 'wrong'; readonly message: string};

export function parseArguments(args: readonly string[]): Arguments {
  const parsed = parse(args);
  if (typeof parsed === 'string') return {kind: 'wrong', message: parsed};
  const {values, positionals} = parsed;
  const [name, ...words] = positionals;
  const {config: file = './config.yaml', json = false, help = false, at, observations, history, until, env} = values;
  if (name === undefined) return {kind: 'help', command: undefined, asked: help};
  if (!isCommand(name)) return {kind: 'wrong', message: unknownCommand(name)};
  if (help) return {kind: 'help', command: name, asked: true};
  const message = misuse(name, words, Object.keys(values) as Option[]);
  if (message !== undefined) return {kind: 'wrong', message};
  return {kind: 'command', command: name, invocation: {words, file, json, at, observations, history, until, env}};
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        config: {type: 'string'},
        json: {type: 'boolean'},
        help: {type: 'boolean', short: 'h'},
        at: {type: 'string'},
        observations: {type: 'string'},
        history: {type: 'string'},
        until: {type: 'string'},
        env: {type: 'string'},
      },
    });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const unknown = /^Unknown option '([^']*)'/.exec(error.message)?.[1];
    return unknown === undefined ? `${error.message.split('\n')[0]}${seeHelp()}` : unknownOption(unknown);
  }
}
