import type {CheckConfig, Config} from '../../src/config/config.ts';
import type {HoldReason, Silence} from '../../src/state/vocabulary.ts';
import {isOpen} from '../../src/state/windows.ts';
import type {Commit} from '../../src/store/store.ts';
import {MINUTE} from './draw.ts';
import type {Model} from './model.ts';

/** What keeps people from being told, from the configuration, the orders and what is false. */
export class Holds {
  readonly #fail: (sentence: string) => void;
  readonly #model: Model;
  /** The checks that are false, by their names. */
  readonly #open: ReadonlyMap<string, unknown>;
  readonly #silences = new Map<number, Silence>();
  /** Checks of whose flapping people still have to be told, or told the end. */
  readonly #spells = new Set<string>();
  #config: Config;
  #checks: ReadonlyMap<string, CheckConfig> = new Map();

  constructor(use: {
    config: Config;
    fail: (sentence: string) => void;
    model: Model;
    open: ReadonlyMap<string, unknown>;
  }) {
    this.#fail = use.fail;
    this.#model = use.model;
    this.#open = use.open;
    this.#config = use.config;
  }

  configure(config: Config): void {
    this.#config = config;
    this.#checks = new Map(config.checks.map((check) => [check.name, check]));
  }

  committed(batch: Commit): void {
    for (const silence of batch.silences ?? []) this.#silences.set(silence.id, silence);
    for (const id of batch.endedSilences ?? []) this.#silenceEnded(id, batch);
    for (const [check, spell] of batch.spells ?? []) {
      if (spell) this.#spells.add(check);
      else this.#spells.delete(check);
    }
  }

  /** Checks became false, or true again. */
  changed(): void {
    for (const [id, {until, what}] of this.#silences) {
      if (until === 'recovered' && !this.#namesFalse(what)) this.#silences.delete(id);
    }
  }

  /** Everything that keeps people from being told of this check now. */
  on(name: string, now: number): HoldReason[] {
    const check = this.#checks.get(name);
    if (!check) return [];
    const holds: HoldReason[] = [];
    if (this.#isPlanned(check, now) || this.#isQuiet(check, now, 'maintenance')) holds.push('maintenance');
    if (this.#isQuiet(check, now, 'silence')) holds.push('silenced');
    if (this.#model.checks.get(name)?.flapping || this.#spells.has(name)) holds.push('flapping');
    if (check.dependsOn.some((parent) => this.#open.has(parent))) holds.push('parent_down');
    if (!check.urgent && check.alerts.window !== undefined && !this.#isWindowOpen(check.alerts.window, now)) {
      holds.push('outside_window');
    }
    return holds;
  }

  #silenceEnded(id: number, batch: Commit): void {
    const silence = this.#silences.get(id);
    if (!silence) return;
    const isOver = silence.until === 'recovered' ? !this.#namesFalse(silence.what) : silence.until <= batch.now;
    if (!isOver && !batch.audit) this.#fail(`silence ${id} was ended before its time`);
    this.#silences.delete(id);
  }

  #isWindowOpen(name: string, now: number): boolean {
    const window = this.#config.windows.get(name);
    return window === undefined || isOpen(window, now);
  }

  #isPlanned(check: CheckConfig, now: number): boolean {
    return this.#config.maintenance.some((planned) => {
      if (!planned.checks.some((what) => isMeant(what, check))) return false;
      if (planned.kind === 'window') return this.#isWindowOpen(planned.window, now);
      const [minute = 0, hour = 0] = planned.at.split(' ').map(Number);
      const since = (now - (hour * 60 + minute) * MINUTE) % (1_440 * MINUTE);
      return since < planned.forMs;
    });
  }

  #isQuiet(check: CheckConfig, now: number, kind: Silence['kind']): boolean {
    for (const silence of this.#silences.values()) {
      const lasts = silence.until === 'recovered' || now < silence.until;
      if (silence.kind === kind && lasts && isMeant(silence.what, check)) return true;
    }
    return false;
  }

  #namesFalse(what: Silence['what']): boolean {
    for (const name of this.#open.keys()) {
      const check = this.#checks.get(name);
      if (check && isMeant(what, check)) return true;
    }
    return false;
  }
}

function isMeant(what: Silence['what'], check: CheckConfig): boolean {
  switch (what.kind) {
    case 'all':
      return true;
    case 'check':
      return what.name === check.name;
    case 'group':
      return what.group === check.group;
    case 'glob':
      return check.name.startsWith(what.glob.replace('*', ''));
  }
}
