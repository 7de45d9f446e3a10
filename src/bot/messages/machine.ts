import {readFileSync} from 'node:fs';
import os from 'node:os';
import {escapeHtml} from './html.ts';
import type {Reader} from './render.ts';

/** How the machine is doing that the program runs on. */
export interface Machine {
  /** Its first address that is not its own loopback; empty: it has none. */
  readonly address: string;
  readonly os: string;
  readonly uptimeMs: number;
  /** Of the last 1, 5 and 15 minutes. */
  readonly load: readonly number[];
}

/** Takes well under a millisecond. */
export function readMachine(): Machine {
  return {address: ownAddress(), os: osName(), uptimeMs: os.uptime() * 1_000, load: os.loadavg()};
}

/** The block that ends an alert where `system_info` is on, as lines of HTML, the first of them its title. */
export function systemLines(machine: Machine, {words, format, server}: Reader): readonly string[] {
  const {system} = words;
  const load = machine.load.map((value) => value.toLocaleString(words.locale, TWO_DECIMALS)).join(' · ');
  const rows = [
    [system.server, server],
    ...(machine.address === '' ? [] : [[system.address, machine.address]]),
    [system.os, machine.os],
    [system.uptime, format.duration(machine.uptimeMs)],
    [system.load, load],
  ];
  return [`<b>${system.title}</b>`, ...rows.map(([name = '', value = '']) => `${name}: ${escapeHtml(value)}`)];
}

const TWO_DECIMALS = {minimumFractionDigits: 2, maximumFractionDigits: 2};

/** IPv4 first, since that is what people know a server by; of IPv6, none that is good on one link only. */
function ownAddress(): string {
  const all = Object.values(os.networkInterfaces()).flatMap((list) => list ?? []);
  const outer = all.filter(({internal, address}) => !internal && !address.startsWith('fe80:'));
  return (outer.find(({family}) => family === 'IPv4') ?? outer[0])?.address ?? '';
}

let knownName: string | undefined;

/** os-release(5) has a name for people; the kernel's own name tells less. */
function osName(): string {
  if (knownName !== undefined) return knownName;
  const [, pretty] = /^PRETTY_NAME="?(.*?)"?$/m.exec(readOsRelease()) ?? [];
  knownName = pretty === undefined ? `${os.type()} ${os.release()}` : `${pretty}, ${os.type()} ${os.release()}`;
  return knownName;
}

function readOsRelease(): string {
  try {
    return readFileSync('/etc/os-release', 'utf8');
  } catch {
    return '';
  }
}
