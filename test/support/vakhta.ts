import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {TestContext} from 'node:test';

const LAUNCHER = join(import.meta.dirname, '../../bin/vakhta');

/** The real program as a child process, in a folder of its own that goes with the test. */
export class Vakhta {
  readonly folder: string;
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  #output = '';

  constructor(context: TestContext, files: Record<string, string>, env: NodeJS.ProcessEnv = {}) {
    this.folder = mkdtempSync(join(tmpdir(), 'vakhta-test-'));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.folder, name), text);
    this.#env = env;
    context.after(async () => {
      await this.kill();
      rmSync(this.folder, {recursive: true, force: true});
    });
  }

  /** Everything that every run of it has written to either output. */
  get output(): string {
    return this.#output;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when the banner is out. */
  async start(): Promise<void> {
    const from = this.#output.length;
    this.#child = spawn('sh', [LAUNCHER, 'run'], {cwd: this.folder, env: {...process.env, ...this.#env}});
    this.#child.stdout?.on('data', (data) => (this.#output += data));
    this.#child.stderr?.on('data', (data) => (this.#output += data));
    await this.waitFor(() => this.#output.slice(from).includes('Ctrl-C ends it'), 'the banner');
  }

  async waitFor(condition: () => boolean, what: string, timeoutMs = 15_000): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!condition()) {
      if (performance.now() > deadline)
        throw new Error(`${what}: not within ${timeoutMs} ms\n${this.#output.slice(-4000)}`);
      if (this.#child?.exitCode !== null)
        throw new Error(`${what}: the program has ended\n${this.#output.slice(-4000)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** kill -9: what a crash or the power leaves behind. */
  kill(): Promise<number | null> {
    return this.#end('SIGKILL');
  }

  /** Resolves with the exit code. */
  stop(signal: 'SIGTERM' | 'SIGINT' = 'SIGTERM'): Promise<number | null> {
    return this.#end(signal);
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
    return child.exitCode;
  }
}
