import {join} from 'node:path';
import type {Clock} from '../clock.ts';
import {createAccessTables} from './access.ts';
import {refuseNewer} from './file.ts';
import {HistoryOutside} from './history.ts';
import {createMemory} from './memory.ts';
import {HISTORY, STATE} from './migrations.ts';
import {createNotices, type StoreLog} from './notices.ts';
import {createOutbox} from './outbox.ts';
import {StoreRefused} from './sickness.ts';
import {announced, apply, closedWithin, incidentsOf, load, maintenancesWithin, newestIncidents} from './state.ts';
import type {Store} from './store.ts';
import {createTelegramTables} from './telegram.ts';
import {Vault} from './vault.ts';

interface OpenUse {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log?: StoreLog;
  /** How long every observation is kept, and the 5-minute rollups; milliseconds. */
  readonly keepRawMs: number;
  readonly keepHistoryMs: number;
}

/** The store, or what stands in the way of it. */
export function openStoreOrSayWhyNot(use: OpenUse): Store | string {
  try {
    return openStore(use);
  } catch (error) {
    if (error instanceof StoreRefused) return error.message;
    throw error;
  }
}

/**
 * Opens both databases under `dataDir`, which is made if it is missing.
 * Throws StoreRefused (its message names the cure) where another vakhta has the folder or a newer one wrote the files.
 * A damaged file, a full disk and a folder that cannot be written to are no errors: the store goes on and gives notice.
 */
export function openStore(use: OpenUse): Store {
  const {dataDir, clock, log, keepRawMs, keepHistoryMs} = use;
  const historyFile = join(dataDir, HISTORY.name);
  refuseNewer(historyFile, HISTORY);
  let closed: Promise<void> | undefined;
  const notices = createNotices(log);
  const vault = new Vault({file: join(dataDir, STATE.name), clock, notices});
  const outbox = createOutbox(vault);
  const history = new HistoryOutside({file: historyFile, clock, notices, log, keepRawMs, keepHistoryMs});
  return {
    load: () => vault.read(load),
    announced: () => vault.read(announced),
    commit: (batch) => vault.write(batch.durable, (sql) => ({queued: apply(sql, batch)})),
    outbox,
    telegram: createTelegramTables(vault, clock),
    access: createAccessTables(vault),
    history,
    incidents: (check, page) => vault.read((sql) => incidentsOf(sql, check, page)),
    newestIncidents: (max) => vault.read((sql) => newestIncidents(sql, max)),
    isWritable: () => vault.isWritable(),
    closedWithin: (span, page) => vault.read((sql) => closedWithin(sql, span, page)),
    maintenances: (span) => vault.read((sql) => maintenancesWithin(sql, span)),
    memory: (check) => createMemory(vault, check),
    figures: () => ({state: vault.figures(), history: history.figures()}),
    onNotice: notices.listen,
    onReset: (listener) => vault.onReset(listener),
    close: () => {
      closed ??= history
        .close()
        .then(() => vault.finish())
        .then(() => vault.close());
      return closed;
    },
  };
}
