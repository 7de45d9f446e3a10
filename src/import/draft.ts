import type {Fields} from './fields.ts';
import {Secrets} from './secrets.ts';

/** One check or channel, with what is to be said above it. */
export interface Entry {
  readonly keys: Fields;
  readonly comments: readonly string[];
}

const NAME_CHARS_MAX = 64;
/** Room for `-1234`. */
const SUFFIX_CHARS = 6;

/** The config as it comes into being. */
export class Draft {
  readonly secrets = new Secrets();
  /** Keys at the top, `checks` and `channels` apart. */
  readonly top = new Map<string, Entry>();
  readonly channels = new Map<string, Entry>();
  readonly checks = new Map<string, Entry>();
  readonly #without: string[] = [];

  /** What has no equal, one line each. */
  get without(): readonly string[] {
    return this.#without;
  }

  /** Something of the source that Vakhta does not have, and what to do about it. */
  lacks(what: string): void {
    if (!this.#without.includes(what)) this.#without.push(what);
  }

  set(key: string, keys: Fields, comments: readonly string[] = []): void {
    if (Object.keys(keys).length > 0) this.top.set(key, {keys, comments});
  }

  /** Returns the name it got, which is the original one where that is allowed and free. */
  check(original: string, keys: Fields, comments: readonly string[] = []): string {
    return put(this.checks, original, {keys, comments}, 'check');
  }

  channel(original: string, keys: Fields, comments: readonly string[] = []): string {
    return put(this.channels, original, {keys, comments}, 'channel');
  }

  /** Adds to a check that is there. */
  amend(name: string, keys: Fields): void {
    const entry = this.checks.get(name);
    if (entry) this.checks.set(name, {...entry, keys: {...entry.keys, ...keys}});
  }
}

function put(entries: Map<string, Entry>, original: string, entry: Entry, fallback: string): string {
  const allowed = allowedName(original) || fallback;
  let name = allowed;
  for (let number = 2; entries.has(name); number++) name = `${allowed}-${number}`;
  const comments = name === original ? entry.comments : [`was ${JSON.stringify(original)}`, ...entry.comments];
  entries.set(name, {...entry, comments});
  return name;
}

/** Letters, digits, `_ . -`, the first a letter or a digit; empty where nothing is left. */
export function allowedName(original: string): string {
  return original
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}_.-]+/gu, '-')
    .replace(/-{2,}/g, '-')
    .replace(/^[-_.]+|[-.]+$/g, '')
    .slice(0, NAME_CHARS_MAX - SUFFIX_CHARS)
    .replace(/[\ud800-\udbff]$|[-.]+$/g, '');
}
