import {isOfTheWorld, reasonFor} from '../reach/failure.ts';
import {type Keep, keepEnd} from '../reach/output.ts';
import {superviseProcess} from '../reach/process-group.ts';
import {brokenOff, type Ending, endingOf, OUTPUT_BYTES_MAX, type RunUse} from './run.ts';

/** Of our own environment a command gets these only: the rest may hold secrets, such as the bot's token. */
const INHERITED = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'TZ'];

/** Runs a program of this server without a shell. At the abort its whole group is killed: SIGTERM, then SIGKILL. */
export async function runHere(
  [program = '', ...args]: readonly string[],
  env: Readonly<Record<string, string>>,
  {signal, clock}: RunUse,
): Promise<Ending> {
  let output = () => '';
  const keep: Keep = ({stdout, stderr}) => {
    output = keepEnd([stdout, stderr], OUTPUT_BYTES_MAX);
  };
  try {
    const command = {program, args, cwd: '/', env: {...inherited(), ...env}};
    const exit = await superviseProcess(command, {signal, clock, keep, sparesChildren: true});
    return signal.aborted ? brokenOff(signal, output()) : endingOf(exit.code, exit.signal ?? '', output());
  } catch (error) {
    if (signal.aborted) return brokenOff(signal, output());
    if (!isOfTheWorld(error)) throw error;
    return {status: 'not_started', reason: startProblem(error, program), output: ''};
  }
}

function inherited(): Record<string, string> {
  return Object.fromEntries(
    INHERITED.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function startProblem(error: unknown, program: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return `there is no program ${program}`;
  if (code === 'EACCES') return `${program} may not be run (EACCES)`;
  return reasonFor(error);
}
