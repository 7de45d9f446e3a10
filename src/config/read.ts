import {isUtf8} from 'node:buffer';
import {readFileSync, statSync} from 'node:fs';

/** 20,000 checks of 500 bytes are 10 MB. */
const FILE_BYTES_MAX = 16_777_216;
/** Nobody writes such a line by hand; an editor or a pipe went wrong. */
const LINE_CHARS_MAX = 262_144;

export type Text =
  | {readonly ok: true; readonly text: string}
  | {readonly ok: false; readonly line: number; readonly col: number; readonly message: string};

/** A text file, or why it is none. `what` names it for people: `the config file`. Never throws. */
export function readText(path: string, what: string): Text {
  let bytes: Buffer;
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) return refuse(`expected ${what}, found a folder; name the file in it`);
    if (!stat.isFile()) return refuse(`expected ${what}, found something that is not a regular file`);
    if (stat.size > FILE_BYTES_MAX)
      return refuse(`${what} has ${stat.size} bytes, expected ${FILE_BYTES_MAX} at most; is it the right file?`);
    bytes = readFileSync(path);
  } catch (error) {
    return refuse(whyUnread(what, error));
  }
  return decode(bytes, what);
}

function decode(bytes: Buffer, what: string): Text {
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  if (!isUtf8(bytes)) {
    const found = isUtf16(bytes) ? 'UTF-16' : 'bytes that are not UTF-8';
    return refuse(notUtf8(what, found), text, text.indexOf('\uFFFD'));
  }
  const control = text.search(CONTROL);
  if (control >= 0) {
    const code = text.charCodeAt(control).toString(16).padStart(4, '0').toUpperCase();
    return refuse(`expected text, found the control character U+${code}; remove it`, text, control);
  }
  const long = longLine(text);
  if (long === undefined) return {ok: true, text};
  const message = `this line has ${long.length} characters, expected ${LINE_CHARS_MAX} at most; break it into several lines`;
  return {ok: false, line: long.line, col: 1, message};
}

/** By the mark that editors put at the beginning. */
export function isUtf16([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

export function notUtf8(what: string, found: string): string {
  return `expected ${what} as UTF-8 text, found ${found}; save it as UTF-8`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is its purpose.
const CONTROL = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/;

function longLine(text: string): {readonly line: number; readonly length: number} | undefined {
  let line = 1;
  for (let start = 0; start < text.length; line++) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    if (end - start > LINE_CHARS_MAX) return {line, length: end - start};
    start = end + 1;
  }
  return undefined;
}

function refuse(message: string, text = '', offset = 0): Text {
  const lines = text.slice(0, Math.max(offset, 0)).split('\n');
  return {ok: false, line: lines.length, col: (lines.at(-1)?.length ?? 0) + 1, message};
}

function whyUnread(what: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
  if (code === 'ENOENT' || code === 'ENOTDIR') return `expected ${what}, found no such file; check the path`;
  if (code === 'EACCES' || code === 'EPERM')
    return `${what} cannot be read: permission denied; let this user read it (chmod, chown)`;
  return `${what} cannot be read: ${code}`;
}
