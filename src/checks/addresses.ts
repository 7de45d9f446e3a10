import net from 'node:net';
import {domainToASCII} from 'node:url';
import type {Target} from './check.ts';

/** Something wrong in an address list. Lines and columns count from 1. */
export interface AddressProblem {
  readonly line: number;
  readonly col: number;
  /** What was expected, what was got (shortened, with control characters escaped), how to mend it. */
  readonly message: string;
}

export interface AddressList {
  readonly targets: readonly Target[];
  readonly problems: readonly AddressProblem[];
}

/** All that one list, or one check, may hold. */
export const TARGETS_MAX = 100_000;
const LINE_CHARS_MAX = 1_000;
/** A file of the wrong sort has a problem on each line; nobody reads more than this. */
const PROBLEMS_MAX = 50;
const EXCERPT_CHARS_MAX = 40;
/** A /22 of IPv4, a /118 of IPv6: 1,024 addresses. */
const HOST_BITS_MAX = 10;
/** RFC 1123 §2.1, with the underscore that Windows names have. */
const HOST_LABEL = /^[a-z\d_](?:[a-z\d_-]{0,61}[a-z\d_])?$/i;
/** What no text file has: control characters other than the tab, and U+FFFD, which stands for bytes that are not UTF-8. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const BINARY = /[\u0000-\u0008\u000b-\u001f\u007f\ufffd]/;
const EXPECTED = 'expected an IPv4 or IPv6 address, a network such as 10.0.0.0/24, or a host name';

/**
 * Reads a list of addresses, one a line: an IPv4 or IPv6 address, a host name, or a network of at most 1,024 addresses
 * (IPv4 from /22, IPv6 from /118); then, after a space, a label that may be left out; `#` at the start of a line or
 * after a space begins a comment. A network stands for the addresses of its hosts: those of IPv4, from /30 upwards, without the
 * network's own and the broadcast address; all of them for /31, /32 and IPv6. A byte order mark and CRLF are accepted.
 */
export function parseAddresses(text: string): AddressList {
  const reading = {targets: [] as Target[], problems: [] as AddressProblem[], lines: new Map<string, number>()};
  // A byte order mark is not part of the first address.
  let start = text.startsWith('\ufeff') ? 1 : 0;
  for (let line = 1; start <= text.length; line++) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    readLine(text, {start, end, line}, reading);
    start = end + 1;
    if (isFull(reading, line)) break;
  }
  return {targets: reading.targets, problems: reading.problems};
}

interface Reading {
  readonly targets: Target[];
  readonly problems: AddressProblem[];
  /** The line on which each address was first seen. */
  readonly lines: Map<string, number>;
}

interface Span {
  readonly start: number;
  readonly end: number;
  readonly line: number;
}

function readLine(text: string, {start, end, line}: Span, reading: Reading): void {
  const length = end - start;
  // The line is cut before anything looks at it, so that a line of a megabyte costs no more than a short one.
  const raw = text.slice(start, Math.min(end, start + LINE_CHARS_MAX));
  const problem = (message: string, col = 1) => reading.problems.push({line, col, message});
  const binary = BINARY.exec(raw.endsWith('\r') ? raw.slice(0, -1) : raw);
  if (binary) {
    problem(
      `expected text, got binary data "${excerpt(raw.slice(binary.index))}"; save the list as UTF-8 text`,
      binary.index + 1,
    );
    return;
  }
  if (length > LINE_CHARS_MAX) {
    problem(
      `expected one address a line, got a line of ${length} characters, "${excerpt(raw)}"; put each address on its own line`,
    );
    return;
  }
  const found = /^(\s*)([^\s#]\S*)(?:\s+([^\s#].*?))?(?:\s+#.*)?\s*$/.exec(raw);
  const [, indent = '', word, label] = found ?? [];
  if (word === undefined) return;
  const expanded = expand(word);
  if (typeof expanded === 'string') problem(expanded, indent.length + 1);
  else add(expanded, {label, line, col: indent.length + 1}, reading);
}

function add(
  addresses: readonly string[],
  at: {label: string | undefined; line: number; col: number},
  reading: Reading,
): void {
  const {label, line, col} = at;
  for (const address of addresses) {
    const first = reading.lines.get(address);
    if (first !== undefined) {
      const message = `expected each address once, got ${address} again: it is on line ${first} already; remove one of them`;
      reading.problems.push({line, col, message});
      return;
    }
    reading.lines.set(address, line);
    reading.targets.push(label === undefined ? {address} : {address, label});
  }
}

/** True when there is no sense in reading on; says so as a problem. */
function isFull({targets, problems}: Reading, line: number): boolean {
  if (targets.length > TARGETS_MAX) {
    targets.length = TARGETS_MAX;
    const most = TARGETS_MAX.toLocaleString('en');
    problems.push({
      line,
      col: 1,
      message: `expected at most ${most} addresses, got more; split the list over several checks`,
    });
    return true;
  }
  if (problems.length < PROBLEMS_MAX) return false;
  problems.push({
    line,
    col: 1,
    message: `expected a list of addresses, got ${PROBLEMS_MAX} mistakes up to here; is it the right file?`,
  });
  return true;
}

/** The addresses that one word stands for, in their shortest form, or what is wrong with it. */
function expand(word: string): string[] | string {
  const slash = word.indexOf('/');
  if (slash >= 0) return expandNetwork(word, word.slice(0, slash), word.slice(slash + 1));
  const family = net.isIP(word);
  if (family === 4) return [word];
  if (family === 6) return [shortest(word)];
  return hostProblem(word) ?? [word.toLowerCase()];
}

function expandNetwork(word: string, address: string, prefix: string): string[] | string {
  const got = `got "${excerpt(word)}"`;
  const family = net.isIP(address);
  const bits = family === 6 ? 128 : 32;
  const hostBits = bits - (/^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN);
  if (family === 0 || address.includes('%'))
    return `${EXPECTED}, ${got}; write the network's first address before the /`;
  if (!(hostBits >= 0 && hostBits <= bits)) return `expected a number from 0 to ${bits} after the /, ${got}`;
  const smallest = bits - HOST_BITS_MAX;
  if (hostBits > HOST_BITS_MAX) {
    return `expected a network from /${smallest} to /${bits}, ${got}; that is more than 1,024 addresses; list smaller networks`;
  }
  const number = toNumber(address, family);
  const count = 1n << BigInt(hostBits);
  const first = number - (number % count);
  if (first !== number) {
    const right = `${toText(first, family)}/${prefix}`;
    return `expected a network's first address, ${got}; write ${right} for the network, or ${address} for the one address`;
  }
  const ends = family === 4 && count > 2n ? 1n : 0n;
  return Array.from({length: Number(count - 2n * ends)}, (_, index) => toText(first + ends + BigInt(index), family));
}

function hostProblem(word: string): string | undefined {
  const got = `got "${excerpt(word)}"`;
  const name = word.endsWith('.') ? word.slice(0, -1) : word;
  const labels = name.split('.');
  if (/^[\d.]+$/.test(name))
    return `${EXPECTED}, ${got}; an IPv4 address is four numbers from 0 to 255, without leading zeros`;
  if (word.includes(':'))
    return `${EXPECTED}, ${got}; a port does not belong here, and an IPv6 address has up to eight groups`;
  if (/[^\p{ASCII}]/u.test(word)) {
    const ascii = domainToASCII(name);
    return `${EXPECTED}, ${got}; ${ascii ? `write ${excerpt(ascii)}` : 'use Latin letters'}`;
  }
  if (name.length > 253 || !labels.every((label) => HOST_LABEL.test(label))) {
    return `${EXPECTED}, ${got}; a name has letters, digits, hyphens and dots; a label comes after a space`;
  }
  // Top-level domains are never numbers, so this is a mistyped address (RFC 3696 §2).
  if (/^\d+$/.test(labels.at(-1) ?? '')) return `${EXPECTED}, ${got}; a name does not end in a number`;
  return undefined;
}

function toNumber(address: string, family: number): bigint {
  if (family === 4) return address.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  // The shortest form has no dotted tail unless it is a mapped address, whose tail is two groups.
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address);
  const hex = (high = '', low = '') => (Number(high) * 256 + Number(low)).toString(16);
  const plain = dotted ? `${dotted[1]}${hex(dotted[2], dotted[3])}:${hex(dotted[4], dotted[5])}` : address;
  const [head = '', tail] = plain.split('::');
  const left = head ? head.split(':') : [];
  const right = tail ? tail.split(':') : [];
  const groups =
    tail === undefined ? left : [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right];
  return groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}

function toText(number: bigint, family: number): string {
  const [count, width, radix, sign] = family === 4 ? [4, 8n, 10, '.'] : [8, 16n, 16, ':'];
  const mask = (1n << BigInt(width)) - 1n;
  const parts = Array.from({length: Number(count)}, (_, index) => {
    return ((number >> (BigInt(width) * BigInt(Number(count) - 1 - index))) & mask).toString(Number(radix));
  });
  const text = parts.join(String(sign));
  return family === 4 ? text : shortest(text);
}

/** One way to write each IPv6 address (RFC 5952), so that the same one is found twice however it is written. */
function shortest(address: string): string {
  const [bare = '', zone] = address.split('%');
  const short = new net.SocketAddress({address: bare, family: 'ipv6'}).address;
  return zone === undefined ? short : `${short}%${zone}`;
}

function excerpt(text: string): string {
  const short = text.length > EXCERPT_CHARS_MAX ? `${text.slice(0, EXCERPT_CHARS_MAX)}…` : text;
  return JSON.stringify(short).slice(1, -1).replaceAll('\u007f', '\\u007f');
}
