/** What a database file of ours is: its mark, and the steps that bring an older file up to date. */
export interface Schema {
  readonly name: string;
  /** SQLite's `application_id`: tells our file from somebody else's database that was put in its place. */
  readonly applicationId: number;
  /** Step N brings the file from version N to N + 1 (`user_version`). Never edit a released step: add one. */
  readonly migrations: readonly string[];
}

/** What the program must not lose: small, written by the main thread. */
export const STATE: Schema = {
  name: 'state.db',
  applicationId: 0x76616b68,
  migrations: [
    `
    CREATE TABLE counters (
      check_name TEXT NOT NULL,
      target TEXT NOT NULL,
      status INTEGER NOT NULL,
      known INTEGER NOT NULL,
      errors INTEGER NOT NULL,
      successes INTEGER NOT NULL,
      since REAL NOT NULL,
      last_at REAL NOT NULL,
      last_result TEXT NOT NULL CHECK (last_result IN ('ok', 'failed', 'inconclusive')),
      last_reason TEXT NOT NULL,
      last_latency_ms REAL NOT NULL,
      PRIMARY KEY (check_name, target)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE check_states (
      check_name TEXT NOT NULL PRIMARY KEY,
      status INTEGER NOT NULL,
      known INTEGER NOT NULL,
      since REAL NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE incidents (
      id INTEGER PRIMARY KEY,
      check_name TEXT NOT NULL,
      opened_at REAL NOT NULL,
      closed_at REAL,
      live INTEGER NOT NULL,
      incident TEXT NOT NULL CHECK (json_valid(incident))
    ) STRICT;
    CREATE INDEX incidents_live ON incidents (id) WHERE live = 1;
    CREATE INDEX incidents_by_check ON incidents (check_name, opened_at);

    CREATE TABLE cards (
      id INTEGER PRIMARY KEY,
      channel TEXT NOT NULL,
      card TEXT NOT NULL CHECK (json_valid(card))
    ) STRICT;
    CREATE TABLE card_incidents (
      incident INTEGER NOT NULL,
      card INTEGER NOT NULL,
      PRIMARY KEY (incident, card)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX card_incidents_by_card ON card_incidents (card, incident);
    CREATE TABLE card_messages (
      card INTEGER NOT NULL,
      channel TEXT NOT NULL,
      chat_id INTEGER NOT NULL,
      message_id INTEGER NOT NULL,
      PRIMARY KEY (card, channel)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE highest_ids (kind TEXT NOT NULL PRIMARY KEY, id INTEGER NOT NULL) STRICT, WITHOUT ROWID;

    CREATE TABLE outbox (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      lane TEXT NOT NULL,
      kind TEXT NOT NULL,
      card INTEGER,
      message TEXT NOT NULL CHECK (json_valid(message)),
      created_at REAL NOT NULL,
      due_at REAL NOT NULL,
      attempts INTEGER NOT NULL DEFAULT 0,
      leased_at REAL,
      in_doubt INTEGER NOT NULL DEFAULT 0,
      done_at REAL,
      outcome TEXT CHECK (outcome IN ('sent', 'refused', 'superseded')),
      error TEXT
    ) STRICT;
    CREATE INDEX outbox_waiting ON outbox (lane, id) WHERE done_at IS NULL;
    CREATE INDEX outbox_waiting_cards ON outbox (lane, card, id) WHERE done_at IS NULL AND card IS NOT NULL;
    CREATE INDEX outbox_waiting_age ON outbox (created_at) WHERE done_at IS NULL;
    CREATE INDEX outbox_leased ON outbox (id) WHERE leased_at IS NOT NULL;
    CREATE INDEX outbox_done ON outbox (done_at) WHERE done_at IS NOT NULL;

    CREATE TABLE audit (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      at REAL NOT NULL,
      user_id INTEGER NOT NULL,
      user_name TEXT NOT NULL,
      chat_id INTEGER NOT NULL,
      order_text TEXT NOT NULL,
      outcome TEXT NOT NULL
    ) STRICT;

    CREATE TABLE handled_updates (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      update_id INTEGER NOT NULL UNIQUE
    ) STRICT;
    CREATE TABLE update_offset (one INTEGER PRIMARY KEY CHECK (one = 1), next INTEGER NOT NULL) STRICT;
    CREATE TABLE chat_moves (from_id INTEGER PRIMARY KEY, to_id INTEGER NOT NULL) STRICT;
    CREATE TABLE blocks (lane TEXT NOT NULL PRIMARY KEY, until REAL NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE dead_channels (
      channel TEXT NOT NULL PRIMARY KEY,
      since REAL NOT NULL,
      error TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE buttons (
      id TEXT NOT NULL PRIMARY KEY,
      action TEXT NOT NULL,
      check_name TEXT NOT NULL,
      card INTEGER NOT NULL,
      chat_id INTEGER NOT NULL,
      message_id INTEGER,
      expires_at REAL NOT NULL,
      used_at REAL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX buttons_by_card ON buttons (card, chat_id, action);
    `,
    'CREATE TABLE check_memory (check_name TEXT NOT NULL PRIMARY KEY, memory TEXT NOT NULL) STRICT, WITHOUT ROWID',
    `
    ALTER TABLE check_states ADD COLUMN down_runs INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE check_states ADD COLUMN flap_changes INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE check_states ADD COLUMN flap_last INTEGER;
    ALTER TABLE check_states ADD COLUMN is_flapping INTEGER NOT NULL DEFAULT 0;

    CREATE TABLE silences (
      id INTEGER PRIMARY KEY,
      silence TEXT NOT NULL CHECK (json_valid(silence)),
      ended_at REAL
    ) STRICT;
    CREATE INDEX silences_open ON silences (id) WHERE ended_at IS NULL;

    CREATE TABLE spells (
      check_name TEXT NOT NULL PRIMARY KEY,
      spell TEXT NOT NULL CHECK (json_valid(spell))
    ) STRICT, WITHOUT ROWID;
    `,
    `
    CREATE TABLE verdicts (
      check_name TEXT NOT NULL PRIMARY KEY,
      at REAL NOT NULL,
      decision TEXT NOT NULL CHECK (decision IN ('sent', 'held', 'dropped')),
      reason TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    `,
    'ALTER TABLE blocks ADD COLUMN since REAL NOT NULL DEFAULT 0',
    // Since then a button gives any command: `action` is its name, and `check_name` whatever follows it.
    `
    ALTER TABLE buttons ADD COLUMN shown TEXT NOT NULL DEFAULT 'toast' CHECK (shown IN ('here', 'below', 'toast'));
    ALTER TABLE buttons ADD COLUMN refresh TEXT;
    ALTER TABLE buttons ADD COLUMN once INTEGER NOT NULL DEFAULT 1;
    ALTER TABLE buttons ADD COLUMN user_id INTEGER;
    ALTER TABLE buttons ADD COLUMN confirms INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX buttons_by_message ON buttons (chat_id, message_id);

    CREATE TABLE reply_messages (
      ticket TEXT NOT NULL PRIMARY KEY,
      chat_id INTEGER NOT NULL,
      message_id INTEGER NOT NULL,
      sent_at REAL NOT NULL
    ) STRICT, WITHOUT ROWID;
    `,
    'CREATE TABLE languages (user_id INTEGER PRIMARY KEY, locale TEXT NOT NULL) STRICT',
    `
    CREATE TABLE recoveries (
      check_name TEXT NOT NULL PRIMARY KEY,
      recovery TEXT NOT NULL CHECK (json_valid(recovery))
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE recovery_runs (
      id INTEGER PRIMARY KEY,
      check_name TEXT NOT NULL,
      incident INTEGER NOT NULL,
      started_at REAL NOT NULL,
      ended_at REAL,
      run TEXT NOT NULL CHECK (json_valid(run))
    ) STRICT;
    CREATE INDEX recovery_runs_open ON recovery_runs (id) WHERE ended_at IS NULL;
    CREATE INDEX recovery_runs_by_check ON recovery_runs (check_name, started_at);
    `,
    // `groups` are a list of names in JSON; NULL: everything. Used and revoked invites stay as history.
    `
    CREATE TABLE users (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL,
      role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
      groups TEXT CHECK (groups IS NULL OR json_valid(groups)),
      by_id INTEGER NOT NULL,
      by_name TEXT NOT NULL,
      at REAL NOT NULL
    ) STRICT;
    CREATE TABLE invites (
      id INTEGER PRIMARY KEY,
      hash TEXT NOT NULL UNIQUE,
      role TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
      groups TEXT CHECK (groups IS NULL OR json_valid(groups)),
      by_id INTEGER NOT NULL,
      by_name TEXT NOT NULL,
      at REAL NOT NULL,
      expires_at REAL NOT NULL,
      is_first INTEGER NOT NULL DEFAULT 0,
      used_at REAL,
      used_by INTEGER,
      revoked_at REAL
    ) STRICT;
    CREATE INDEX invites_open ON invites (id) WHERE used_at IS NULL AND revoked_at IS NULL;
    `,
    'CREATE INDEX incidents_by_end ON incidents (closed_at)',
    'CREATE TABLE announced (one INTEGER PRIMARY KEY CHECK (one = 1), release TEXT NOT NULL) STRICT',
    `
    CREATE TABLE duty_overrides (
      rotation TEXT NOT NULL PRIMARY KEY,
      override TEXT NOT NULL CHECK (json_valid(override))
    ) STRICT, WITHOUT ROWID;
    `,
    `
    CREATE TABLE boards (
      chat_id INTEGER PRIMARY KEY,
      message_id INTEGER NOT NULL,
      html TEXT NOT NULL,
      is_pinned INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX card_messages_by_message ON card_messages (chat_id, message_id);
    `,
  ],
};

/** What is nice to look back at: bulk, written by the history's worker. */
export const HISTORY: Schema = {
  name: 'history.db',
  applicationId: 0x76616b72,
  migrations: [
    `
    CREATE TABLE series (
      id INTEGER PRIMARY KEY,
      check_name TEXT NOT NULL,
      target TEXT NOT NULL,
      used_at INTEGER NOT NULL,
      UNIQUE (check_name, target)
    ) STRICT;
    CREATE TABLE reasons (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE, used_at INTEGER NOT NULL) STRICT;
    CREATE TABLE raw (
      series INTEGER NOT NULL,
      at INTEGER NOT NULL,
      result INTEGER NOT NULL,
      latency_us INTEGER NOT NULL,
      reason INTEGER,
      "values" TEXT,
      PRIMARY KEY (series, at)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE rollups (
      series INTEGER NOT NULL,
      at INTEGER NOT NULL,
      ok INTEGER NOT NULL,
      failed INTEGER NOT NULL,
      inconclusive INTEGER NOT NULL,
      latency_min_us INTEGER NOT NULL,
      latency_sum_us INTEGER NOT NULL,
      latency_max_us INTEGER NOT NULL,
      PRIMARY KEY (series, at)
    ) STRICT, WITHOUT ROWID;
    `,
  ],
};
