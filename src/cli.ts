import {type Invocation, parseArguments} from './cli/arguments.ts';
import {type Command, commandHelp, programHelp} from './cli/usage.ts';
import {systemClock as clock} from './clock.ts';
import type {Config} from './config/config.ts';
import {formatProblem} from './config/problems.ts';

/** Exit codes: fine; something is wrong with what is watched; something is wrong with the config or the arguments. */
const FINE = 0;
const WATCHED_IS_WRONG = 1;
const CONFIG_IS_WRONG = 2;

const SUBCOMMANDS: Record<Command, (invocation: Invocation) => Promise<number>> = {
  run: withConfig(async ({config, secrets}) => {
    const {run} = await import('./main.ts');
    return complainOf(await run(config, secrets));
  }),
  check: withConfig(async (loaded, {words, json}) => {
    const {checkOnce} = await import('./cli/check.ts');
    const outcome = await checkOnce(loaded, words, json);
    if (outcome.unknown !== undefined) return complain(outcome.unknown);
    return outcome.failed ? WATCHED_IS_WRONG : FINE;
  }),
  validate: withConfig(async ({config}) => {
    const {describeConfig} = await import('./config/describe.ts');
    process.stdout.write(`${describeConfig(config).join('\n')}\n`);
    return FINE;
  }),
  window: withConfig(async ({config}, {words, at}) => {
    const {printWindow} = await import('./cli/window.ts');
    return complainOf(printWindow(config, words[0], at));
  }),
  simulate: withConfig(async ({config}, {file: _, ...options}) => {
    const {printSimulation} = await import('./cli/simulate.ts');
    return complainOf(await printSimulation(config, options));
  }),
  why: withConfig(async ({config}, {words}) => {
    const {printWhy} = await import('./offline/why.ts');
    return complainOf(printWhy(config, words[0]));
  }),
  import: async ({words, file, env}) => {
    const {printImport} = await import('./cli/import.ts');
    return complainOf(printImport(words, {config: file, env}));
  },
  audit: withConfig(async ({config}) => {
    const {printAudit} = await import('./offline/audit.ts');
    return complainOf(printAudit(config));
  }),
  version: async () => {
    const {default: manifest} = await import('../package.json', {with: {type: 'json'}});
    process.stdout.write(`vakhta ${manifest.version} (Node ${process.versions.node})\n`);
    return FINE;
  },
};

// A reader that has seen enough (`vakhta check | head -1`) is no error of ours.
for (const output of [process.stdout, process.stderr]) output.on('error', () => {});

// Set rather than called with: a pipe that still has to be written must be written.
process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const parsed = parseArguments(args);
  switch (parsed.kind) {
    case 'wrong':
      return complain(parsed.message);
    case 'help': {
      const text = parsed.command === undefined ? programHelp() : commandHelp(parsed.command);
      (parsed.asked ? process.stdout : process.stderr).write(text);
      return parsed.asked ? FINE : CONFIG_IS_WRONG;
    }
    case 'command':
      return await SUBCOMMANDS[parsed.command](parsed.invocation);
  }
}

interface Loaded {
  readonly config: Config;
  readonly secrets: readonly string[];
}

/**
 * A subcommand that needs the config. Its problems and warnings go to standard error, and with problems nothing is run. The
 * loader brings every kind of check with it, which `--help` and `version` need not wait for.
 */
function withConfig(use: (loaded: Loaded, invocation: Invocation) => Promise<number>) {
  return async (invocation: Invocation): Promise<number> => {
    const {loadConfig} = await import('./config/load.ts');
    const loaded = loadConfig(invocation.file, process.env, clock.now());
    for (const problem of loaded.ok ? loaded.warnings : loaded.problems) {
      process.stderr.write(`${loaded.ok ? 'warning: ' : ''}${formatProblem(problem)}\n`);
    }
    return loaded.ok ? use(loaded, invocation) : CONFIG_IS_WRONG;
  };
}

/** What a subcommand found wrong with its arguments, if anything. */
function complainOf(problem: string | undefined): number {
  return problem === undefined ? FINE : complain(problem);
}

function complain(message: string): number {
  process.stderr.write(`vakhta: ${message}\n`);
  return CONFIG_IS_WRONG;
}
