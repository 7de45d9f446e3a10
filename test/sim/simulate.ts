import type {Logger} from 'pino';
import type {Channel} from '../../src/bot/channels/channel.ts';
import type {Config} from '../../src/config/config.ts';
import type {Store} from '../../src/store/store.ts';
import {createSimClock, type SimClock} from './clock.ts';
import {Deliveries} from './deliveries.ts';
import {SimDisk} from './disk.ts';
import {type Act, CALM_MS, drawScenario, MINUTE, OPS_CHAT, type Scenario, STRANGER} from './draw.ts';
import {Life} from './life.ts';
import {Oracle} from './oracle.ts';
import {type Program, startProgram} from './program.ts';
import {createRandom, type Random} from './random.ts';
import {createCommands, Recoveries} from './recoveries.ts';
import {SimTelegram} from './telegram.ts';
import {createTrace, type Trace} from './trace.ts';
import {createWorld} from './world.ts';

/** A bug planted from outside: parts of the program are wrapped. */
export interface Sabotage {
  readonly store?: (store: Store, life: Life) => Store;
  readonly channel?: (channel: Channel, store: Store) => Channel;
  /** What the program is given instead of its configuration; `starts` counts its starts and reloads. */
  readonly config?: (config: Config, starts: number) => Config;
}

export interface Outcome {
  readonly seed: number;
  readonly hours: number;
  readonly failure?: {readonly sentence: string; readonly at: string; readonly trace: readonly string[]};
  /** How much was going on. */
  readonly messages: number;
  readonly deaths: number;
  readonly recoveries: number;
}

const MIGRATED_CHAT = -1_002_000_000_002;
const TRACED = 30;

/** One seed, from its start to its end or to the first sentence that does not hold. */
export async function simulate(
  seed: number,
  {
    hours,
    sabotage = {},
    print,
    recoveries = false,
  }: {hours: number; sabotage?: Sabotage; print?: (line: string) => void; recoveries?: boolean},
): Promise<Outcome> {
  const simulation = new Simulation(drawScenario(seed, hours, recoveries), sabotage, createTrace(print));
  try {
    return {seed, hours, ...(await simulation.run())};
  } finally {
    simulation.remove();
  }
}

class Simulation {
  readonly #scenario: Scenario;
  readonly #sabotage: Sabotage;
  readonly #trace: Trace;
  readonly #clock: SimClock;
  readonly #disk = new SimDisk();
  readonly #telegram: SimTelegram;
  readonly #oracle: Oracle;
  readonly #deliveries: Deliveries;
  readonly #recoveries: Recoveries;
  readonly #command: ReturnType<typeof createCommands>;
  readonly #probe: ReturnType<typeof createWorld>;
  readonly #random: Random;
  #config: Config;
  #failure: Outcome['failure'];
  #life: Life | undefined;
  #store: Store | undefined;
  #program: Program | undefined;
  #starts = 0;
  #busy = false;
  #messages = 0;
  #deaths = 0;

  constructor(scenario: Scenario, sabotage: Sabotage, trace: Trace) {
    const {seed, configs, weather} = scenario;
    const [config] = configs;
    this.#scenario = scenario;
    this.#sabotage = sabotage;
    this.#trace = trace;
    this.#config = config;
    const clock = createSimClock(scenario.start);
    this.#clock = clock;
    this.#random = createRandom(seed, 'retries');
    this.#probe = createWorld(scenario, createRandom(seed, 'world'), clock.monotonic);
    const fail = (sentence: string) => this.#fail(sentence);
    this.#oracle = new Oracle({clock, config, fail});
    const deliveries = new Deliveries({clock, config, fail});
    this.#deliveries = deliveries;
    this.#recoveries = new Recoveries({clock, fail, ...this.#oracle.onChecks()});
    this.#command = createCommands(createRandom(seed, 'commands'));
    this.#telegram = new SimTelegram({
      clock,
      random: createRandom(seed, 'network'),
      weather,
      onAttempt: (lane, chat) => {
        deliveries.attempted(lane, chat);
        return deliveries.current(lane);
      },
      onFlood: (lane, chat, seconds) => {
        this.#say(() => `429 for ${lane}: ${seconds} s`);
        deliveries.flooded(lane, chat, seconds);
      },
      onArrival: (arrival) => {
        this.#messages++;
        this.#say(() => `${arrival.lane}: ${arrival.method} ${JSON.stringify(arrival.text)}`);
        deliveries.arrived(arrival);
      },
    });
  }

  async run() {
    const {acts, endMs} = this.#scenario;
    for (const act of acts) this.#clock.after(act.at, () => this.#act(act));
    this.#clock.after(MINUTE, () => this.#minute());
    this.#start(this.#config);
    await this.#clock.run(endMs, () => this.#failure !== undefined);
    if (!this.#failure) {
      this.#oracle.end();
      this.#deliveries.end();
    }
    const failure = this.#failure;
    const counts = {messages: this.#messages, deaths: this.#deaths, recoveries: this.#recoveries.count};
    return {...counts, ...(failure && {failure})};
  }

  remove(): void {
    this.#life?.die('the end');
    void this.#store?.close();
    this.#disk.remove();
  }

  #minute(): void {
    this.#clock.after(MINUTE, () => this.#minute());
    if (!this.#life?.isAlive() || this.#busy) return;
    this.#oracle.look();
    this.#recoveries.look();
    this.#deliveries.look((channel) => {
      if (channel.startsWith('person:')) return this.#telegram.isReachable(Number(channel.slice('person:'.length)));
      const place = this.#config.channels.get(channel);
      if (place?.type !== 'telegram') return true;
      return this.#telegram.isReachable(place.chatId) && this.#telegram.isReachable(MIGRATED_CHAT);
    });
  }

  #start(config: Config): void {
    void this.#store?.close();
    this.#busy = false;
    this.#config = config;
    this.#configure(config);
    this.#recoveries.born();
    const life = new Life(this.#clock, (at) => this.#died(at));
    this.#life = life;
    this.#program = undefined;
    this.#say(() => 'the program starts');
    const store = this.#open(life);
    this.#program = startProgram(this.#given(config), {
      life,
      store: this.#sabotage.store?.(store, life) ?? store,
      telegram: this.#telegram,
      random: this.#random,
      log: this.#log(life),
      probe: this.#probe,
      onObserved: (run) => this.#oracle.observed(run),
      command: this.#command(life),
      onCommand: (run) => {
        this.#say(() => `runs the recovery of ${run.check}, attempt ${run.attempt}`);
        this.#recoveries.started(run);
      },
      onConfigured: () => this.#configure(this.#config),
      onDelivering: (row, message) => this.#deliveries.sending(row, message),
      onPrinted: (lane, text) => {
        this.#messages++;
        this.#say(() => `${lane}: prints ${JSON.stringify(text)}`);
        this.#deliveries.printed(lane, text);
      },
      ...(this.#sabotage.channel && {channel: this.#sabotage.channel}),
    });
  }

  #configure(config: Config): void {
    this.#oracle.configure(config);
    this.#recoveries.configure(config);
  }

  #given(config: Config): Config {
    return this.#sabotage.config?.(config, this.#starts++) ?? config;
  }

  /** The store with the oracle looking at what is committed. */
  #open(life: Life): Store {
    const statusMap = () => this.#program?.pipeline.statusMap();
    const store = this.#disk.open(life.clock, () => life.isAlive() && this.#oracle.recorded(statusMap));
    this.#store = store;
    return life.guard({
      ...store,
      commit: (batch) => {
        const result = store.commit(batch);
        for (const {kind, reason, channel} of batch.messages ?? []) {
          this.#say(() => `queued ${kind} ${reason} for ${channel || 'a chat'}`);
        }
        this.#deliveries.committed(batch);
        this.#oracle.committed(batch, statusMap);
        this.#recoveries.committed(batch);
        return result;
      },
      outbox: {
        ...store.outbox,
        refuse: (id, result) => {
          store.outbox.refuse(id, result);
          this.#deliveries.refused(id, result.moved);
        },
      },
    });
  }

  #died(at: string): void {
    this.#deaths++;
    this.#say(() => `the program dies (${at})`);
    this.#deliveries.died();
    this.#recoveries.died();
  }

  #act(act: Act): void {
    this.#say(() => JSON.stringify(act));
    switch (act.kind) {
      case 'crash':
        return this.#crash(act);
      case 'restart':
        return void this.#restart(act);
      case 'reload':
        return void this.#reload(act);
      case 'step':
        this.#clock.step(act.ms);
        return this.#deliveries.clockSet();
      case 'says':
        return this.#order(act);
      case 'presses':
        return void this.#telegram.presses(act.user);
      case 'shut_out':
        return this.#shutOut(act);
      case 'migrate':
        this.#deliveries.allow(MIGRATED_CHAT);
        return this.#telegram.migrate(OPS_CHAT, MIGRATED_CHAT);
      case 'delete':
        return this.#telegram.deleteMessages(act.chat);
      case 'disk':
        return this.#damage();
    }
  }

  #crash({points, downMs}: Act & {kind: 'crash'}): void {
    const life = this.#life;
    if (!life?.isAlive() || this.#busy) return;
    life.crashSoon(points, () => this.#clock.after(downMs, () => this.#start(this.#config)));
  }

  async #restart({downMs, config}: Act & {kind: 'restart'}): Promise<void> {
    const life = this.#life;
    if (!life?.isAlive() || this.#busy || life.isDoomed()) return;
    this.#busy = true;
    await this.#program?.stop();
    life.die('stopped');
    this.#clock.after(downMs, () => this.#start(this.#scenario.configs[config] ?? this.#config));
  }

  async #reload({config}: Act & {kind: 'reload'}): Promise<void> {
    const life = this.#life;
    const next = this.#scenario.configs[config];
    if (!life?.isAlive() || this.#busy || !next || life.isDoomed()) return;
    this.#busy = true;
    this.#config = next;
    await this.#program?.reload(this.#given(next));
    this.#busy = false;
  }

  #order({user, chat, text}: Act & {kind: 'says'}): void {
    const isMoved = chat === OPS_CHAT && this.#telegram.hasMoved(chat);
    const update = this.#telegram.says(user, chat, text);
    // A group that has moved is known by its new id as soon as something was sent there, and not before.
    if (user !== STRANGER && !isMoved) this.#oracle.ordered(update);
  }

  /** Only while it is open, and until the next write: whoever deletes it otherwise deletes what it knew. */
  #damage(): void {
    if (!this.#life?.isAlive() || this.#busy) return;
    this.#disk.damage();
    this.#store?.outbox.prune(0);
  }

  #shutOut({chat, forMs, at}: Act & {kind: 'shut_out'}): void {
    this.#telegram.shutOut(chat, true);
    const until = Math.min(at + forMs, this.#scenario.endMs - CALM_MS);
    this.#clock.after(Math.max(0, until - at), () => this.#telegram.shutOut(chat, false));
  }

  #fail(sentence: string): void {
    if (this.#failure) return;
    const at = `${new Date(this.#clock.now()).toISOString()} (hour ${(this.#clock.monotonic() / 3_600_000).toFixed(2)})`;
    this.#failure = {sentence, at, trace: this.#trace.last(TRACED)};
  }

  #say(line: () => string): void {
    this.#trace.say(this.#clock.now(), line);
  }

  #log(life: Life): Logger {
    const say = (level: string) => (details: unknown, text?: string) => {
      if (life.isAlive()) this.#say(() => `${level} ${text ?? ''} ${describe(details)}`);
    };
    const error = (details: unknown, text?: string) => {
      say('error')(details, text);
      const isBug = text?.includes('unforeseen') || text?.includes('a handler failed') || text?.includes('broke');
      if (isBug && life.isAlive()) this.#fail(`${text}: ${describe(details)}`);
    };
    return {info: say('info'), warn: say('warn'), error} as unknown as Logger;
  }
}

function describe(details: unknown): string {
  if (typeof details === 'string') return details;
  const shown = JSON.stringify(details, (_key, value) => (value instanceof Error ? value.stack : value));
  return shown.slice(0, 400);
}
