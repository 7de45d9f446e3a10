import {en} from '../bot/messages/en.ts';
import {createFormat} from '../bot/messages/format.ts';
import type {Reader} from '../bot/messages/render.ts';
import type {Config} from '../config/config.ts';

/** Messages as the running program of this configuration renders them. */
export function readerOf(config: Config, server: string): Reader {
  const checks = new Map(config.checks.map((check) => [check.name, check]));
  return {words: en, format: createFormat(en, config.timezone), server, check: (name) => checks.get(name)};
}
