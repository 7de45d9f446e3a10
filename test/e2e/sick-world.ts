import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdtempSync, readdirSync, readFileSync, rmdirSync} from 'node:fs';
import http from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {TestContext} from 'node:test';
import {startApi} from '../../mocks/api.ts';
import {type Simulator, startSimulator} from '../../mocks/telegram/simulator.ts';
import {Vakhta} from '../support/vakhta.ts';

export const GROUP = -1001234567890;
export const BORIS = 222;

/** The simulated Telegram with one group, in which Boris is an operator. */
export async function startTelegram(context: TestContext, token?: string): Promise<Simulator> {
  const telegram = await startSimulator(token === undefined ? {} : {token});
  telegram.addUser({id: BORIS, first_name: 'Boris'});
  telegram.addChat({id: GROUP, type: 'supergroup', title: 'Shop operations'});
  context.after(() => telegram.stop());
  return telegram;
}

/** An API that is down from the start, so that the program has something to say at once. */
export async function startBrokenApi(context: TestContext) {
  const api = await startApi({port: 0});
  api.break();
  context.after(() => api.stop());
  return api;
}

/** A server with this behaviour; its address has no slash at the end. */
export async function serve(context: TestContext, handler: http.RequestListener): Promise<string> {
  const server = http.createServer(handler).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A config for the group; `checks` are indented by two, `top` are further keys. */
export function configWith(telegram: Simulator, {checks, top = ''}: {checks: string; top?: string}): string {
  return `
timezone: UTC
telegram: {token: '\${BOT_TOKEN}', api_root: ${telegram.apiRoot}}
users: {${BORIS}: {name: Boris, role: operator}}
channels: {ops: {type: telegram, chat_id: ${GROUP}}}
defaults: {interval: 1s, timeout: 5s, fail_after: 1, recover_after: 1}
${top}
checks:
${checks}`;
}

export function watching(url: string): string {
  return `  billing-api: {type: http, url: '${url}'}\n`;
}

/** What the bot has written into the group. */
export function said(telegram: Simulator): string[] {
  return telegram
    .messages(GROUP)
    .filter(({byBot}) => byBot)
    .map(({text}) => text);
}

export function waitForWords(telegram: Simulator, words: RegExp, timeoutMs = 15_000): Promise<string> {
  return telegram.waitFor(() => said(telegram).find((text) => words.test(text)), {what: String(words), timeoutMs});
}

/** The program in a folder of its own, with the simulator's token in its environment. */
export function program(
  context: TestContext,
  telegram: Simulator,
  config: string,
  env: NodeJS.ProcessEnv = {},
): Vakhta {
  return new Vakhta(context, {'config.yaml': config}, {BOT_TOKEN: telegram.token, ...env});
}

/** Every byte of every file under a folder, as text. */
export function bytesUnder(folder: string): string {
  return readdirSync(folder, {recursive: true, withFileTypes: true})
    .filter((entry) => entry.isFile() && entry.name !== 'config.yaml')
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}

/** A file system of 2 MB in memory, until the test ends; only root may mount one. */
export function mountSmallDisk(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'vakhta-disk-'));
  execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder]);
  context.after(() => {
    execFileSync('/bin/umount', ['-l', folder]);
    rmdirSync(folder);
  });
  return folder;
}

export function assertNoViolations(telegram: Simulator): void {
  assert.deepEqual(telegram.violations, []);
}
