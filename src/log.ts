import {mkdirSync} from 'node:fs';
import {dirname} from 'node:path';
import pino, {type DestinationStream, type Logger} from 'pino';
import type {Redact} from './config/redact.ts';

/**
 * The log: JSON lines. On a terminal, where people talk to the console, it goes into a file; otherwise to standard error,
 * so that standard output carries the console's words only. Known secrets are struck out, whatever brought them in.
 */
export function createLog(use: {
  readonly file: string | undefined;
  readonly redact: Redact;
  readonly server: string;
}): Logger {
  const destination = openDestination(use.file);
  const redacting = {write: (line: string) => destination.write(use.redact(line))};
  const base = {server: use.server};
  return pino({base, timestamp: pino.stdTimeFunctions.isoTime, formatters: {level: (level) => ({level})}}, redacting);
}

const CRASHED = 1;

/**
 * A bug that nobody caught ends the program, as its state is then unknown; whoever started it starts it again. Node would
 * print the error as it is, and its text may quote a secret. What escapes from a custom check is no bug of ours.
 */
export function logCrash(log: Logger, strayCheck: () => string | undefined = () => undefined): void {
  process.on('uncaughtException', (error) => {
    const check = strayCheck();
    if (check !== undefined) return log.error({err: error, check}, 'a custom check let an exception escape');
    log.fatal({err: error}, 'a bug ends the program');
    process.stderr.write('vakhta: a bug ends the program; its log says more\n');
    process.exit(CRASHED);
  });
}

const STDERR = 2;

function openDestination(file: string | undefined): DestinationStream {
  if (file === undefined) return quiet(pino.destination({dest: STDERR, sync: true}));
  try {
    mkdirSync(dirname(file), {recursive: true});
    return quiet(pino.destination({dest: file, sync: true, append: true}));
  } catch {
    return quiet(pino.destination({dest: STDERR, sync: true}));
  }
}

/** A full disk or a closed pipe must not end the program: what cannot be logged is not logged. */
function quiet(destination: ReturnType<typeof pino.destination>): DestinationStream {
  destination.on('error', () => {});
  return destination;
}
