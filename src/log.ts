import {mkdirSync} from 'node:fs';
import {dirname} from 'node:path';
import pino, {type DestinationStream, type Logger} from 'pino';

/**
 * The log: JSON lines. On a terminal, where people talk to the console, it goes into a file; otherwise to standard error,
 * so that standard output carries the console's words only. Known secrets are struck out whatever brought them in.
 */
export function createLog(use: {
  readonly file: string | undefined;
  readonly secrets: readonly string[];
  readonly server: string;
}): Logger {
  const destination = redacting(openDestination(use.file), use.secrets);
  const base = {server: use.server};
  return pino({base, timestamp: pino.stdTimeFunctions.isoTime, formatters: {level: (level) => ({level})}}, destination);
}

const STDERR = 2;

function openDestination(file: string | undefined): DestinationStream {
  if (file === undefined) return pino.destination({dest: STDERR, sync: true});
  try {
    mkdirSync(dirname(file), {recursive: true});
    const destination = pino.destination({dest: file, sync: true, append: true});
    // A full disk must not end the program: what cannot be logged is not logged.
    destination.on('error', () => {});
    return destination;
  } catch {
    return pino.destination({dest: STDERR, sync: true});
  }
}

function redacting(destination: DestinationStream, secrets: readonly string[]): DestinationStream {
  // JSON escapes quotes and backslashes, so a secret may stand in the line in that form.
  const forms = new Set(secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]));
  // The longest first: a secret that begins another one would leave the other's end standing.
  const sorted = [...forms].filter((form) => form !== '').sort((a, b) => b.length - a.length);
  return {
    write: (line) => {
      let clean = line;
      for (const form of sorted) if (clean.includes(form)) clean = clean.replaceAll(form, '[redacted]');
      destination.write(clean);
    },
  };
}
