import {readdirSync} from 'node:fs';
import type {Command} from './command.ts';

/** Every command: whatever a file in this folder exports by default, in the order of their names. */
export const commands: readonly Command[] = await findCommands();

async function findCommands(): Promise<Command[]> {
  const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.ts') && file !== 'index.ts');
  const modules = await Promise.all(files.map((file) => import(`./${file}`)));
  const found: Command[] = modules.map((module) => module.default).filter((command) => command !== undefined);
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}
