import {dirname, join} from 'node:path';
import {importFiles} from '../import/index.ts';

/** Prints a config.yaml on standard output, and what became of the rest on standard error. Returns what is wrong, if anything. */
export function printImport(
  files: readonly string[],
  {config, env}: {config: string; env?: string | undefined},
): string | undefined {
  if (files.length === 0) return 'name the file that is to be imported, or the two; see vakhta import --help';
  const imported = importFiles(files, env ?? join(dirname(config), '.env'));
  if (!imported.ok) return imported.message;
  process.stdout.write(imported.config);
  for (const line of imported.said) process.stderr.write(`${line}\n`);
  return undefined;
}
