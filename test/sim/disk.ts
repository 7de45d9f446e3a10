import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Clock} from '../../src/clock.ts';
import type {Observation} from '../../src/state/vocabulary.ts';
import {createAccessTables} from '../../src/store/access.ts';
import {createMemory} from '../../src/store/memory.ts';
import {STATE} from '../../src/store/migrations.ts';
import {createNotices} from '../../src/store/notices.ts';
import {createOutbox} from '../../src/store/outbox.ts';
import {
  announced,
  apply,
  closedWithin,
  incidentsOf,
  load,
  maintenancesWithin,
  newestIncidents,
} from '../../src/store/state.ts';
import type {Store} from '../../src/store/store.ts';
import {createTelegramTables} from '../../src/store/telegram.ts';
import {Vault} from '../../src/store/vault.ts';

const NO_HISTORY = {waiting: 0, dropped: 0, inMemory: false};

/** A data folder that outlives the program, in memory where the system has a folder for that. */
export class SimDisk {
  readonly #folder = mkdtempSync(join(sharedMemory(), 'vakhta-sim-'));

  /** The real store but for the history, whose worker thread knows no simulated time. */
  open(clock: Clock, onRecord: (observations: readonly Observation[]) => void): Store {
    const notices = createNotices();
    const vault = new Vault({file: this.#file, clock, notices});
    // One lock for a whole life: a fifth of the time went into taking it and giving it back.
    vault.read((sql) => sql.script('PRAGMA locking_mode = EXCLUSIVE'));
    return {
      load: () => vault.read(load),
      announced: () => vault.read(announced),
      commit: (batch) => vault.write(batch.durable, (sql) => ({queued: apply(sql, batch)})),
      outbox: createOutbox(vault),
      telegram: createTelegramTables(vault, clock),
      incidents: (check, page) => vault.read((sql) => incidentsOf(sql, check, page)),
      access: createAccessTables(vault),
      newestIncidents: (max) => vault.read((sql) => newestIncidents(sql, max)),
      isWritable: () => vault.isWritable(),
      closedWithin: (span, page) => vault.read((sql) => closedWithin(sql, span, page)),
      maintenances: (span) => vault.read((sql) => maintenancesWithin(sql, span)),
      history: {
        record: onRecord,
        raw: async () => [],
        rollups: async () => [],
        begins: async () => [],
        slots: async () => [],
        figures: () => NO_HISTORY,
      },
      memory: (check) => createMemory(vault, check),
      figures: () => ({state: vault.figures(), history: NO_HISTORY}),
      onNotice: notices.listen,
      onReset: (listener) => vault.onReset(listener),
      close: async () => {
        vault.finish();
        vault.close();
      },
    };
  }

  /** Somebody deletes the database while the program runs. */
  damage(): void {
    rmSync(this.#file, {force: true});
  }

  remove(): void {
    rmSync(this.#folder, {recursive: true, force: true});
  }

  get #file(): string {
    return join(this.#folder, STATE.name);
  }
}

function sharedMemory(): string {
  try {
    rmSync(mkdtempSync('/dev/shm/vakhta-sim-'), {recursive: true});
    return '/dev/shm';
  } catch {
    return tmpdir();
  }
}
