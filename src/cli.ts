import {type Invocation, parseArguments} from './cli/arguments.ts';
import {type Command, commandHelp, programHelp} from './cli/usage.ts';
import type {Config} from './config/config.ts';
import {loadConfig} from './config/load.ts';
import {formatProblem} from './config/problems.ts';

/** Exit codes: fine; something is wrong with what is watched; something is wrong with the config or the arguments. */
const FINE = 0;
const WATCHED_IS_WRONG = 1;
const CONFIG_IS_WRONG = 2;

const SUBCOMMANDS: Record<Command, (invocation: Invocation) => Promise<number>> = {
  run: async ({file}) => {
    const loaded = load(file);
    if (!loaded) return CONFIG_IS_WRONG;
    const {run} = await import('./main.ts');
    const refusal = await run(loaded.config, loaded.secrets);
    return refusal === undefined ? FINE : complain(refusal);
  },
  check: async ({file, words, json}) => {
    const loaded = load(file);
    if (!loaded) return CONFIG_IS_WRONG;
    const {checkOnce} = await import('./cli/check.ts');
    const outcome = await checkOnce(loaded, words, json);
    if (outcome.unknown !== undefined) return complain(outcome.unknown);
    return outcome.failed ? WATCHED_IS_WRONG : FINE;
  },
  validate: async ({file}) => {
    const loaded = load(file);
    if (!loaded) return CONFIG_IS_WRONG;
    const {describeConfig} = await import('./config/describe.ts');
    process.stdout.write(`${describeConfig(loaded.config).join('\n')}\n`);
    return FINE;
  },
  window: async ({file, words, at}) => {
    const loaded = load(file);
    if (!loaded) return CONFIG_IS_WRONG;
    const {printWindow} = await import('./cli/window.ts');
    const problem = printWindow(loaded.config, words[0], at);
    return problem === undefined ? FINE : complain(problem);
  },
  simulate: async ({file, ...options}) => {
    const loaded = load(file);
    if (!loaded) return CONFIG_IS_WRONG;
    const {printSimulation} = await import('./cli/simulate.ts');
    const problem = await printSimulation(loaded.config, options);
    return problem === undefined ? FINE : complain(problem);
  },
  why: async ({file, words}) => {
    const loaded = load(file);
    if (!loaded) return CONFIG_IS_WRONG;
    const {printWhy} = await import('./offline/why.ts');
    const problem = printWhy(loaded.config, words[0]);
    return problem === undefined ? FINE : complain(problem);
  },
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

/** Problems and warnings go to standard error; undefined when there are problems. */
function load(file: string): {config: Config; secrets: readonly string[]} | undefined {
  const loaded = loadConfig(file, process.env);
  for (const problem of loaded.ok ? loaded.warnings : loaded.problems) {
    process.stderr.write(`${loaded.ok ? 'warning: ' : ''}${formatProblem(problem)}\n`);
  }
  return loaded.ok ? loaded : undefined;
}

function complain(message: string): number {
  process.stderr.write(`vakhta: ${message}\n`);
  return CONFIG_IS_WRONG;
}
