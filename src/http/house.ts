import type {LastReport, Report} from '../checks/check.ts';
import type {Config} from '../config/config.ts';
import type {CheckView, StatusMap} from '../state/view.ts';
import type {Incident, Observation, Silence} from '../state/vocabulary.ts';

/** All that the server can know and do. It changes with the configuration, while the server goes on listening. */
export interface House {
  readonly config: Config;
  readonly server: string;
  readonly version: string;
  readonly view: () => readonly CheckView[];
  readonly statusMap: () => StatusMap;
  readonly silences: () => readonly Silence[];
  /** The newest first, at most so many. */
  readonly incidents: (max: number) => readonly Incident[];
  readonly jobs: readonly ReportedJob[];
  /** Runs a check once, uncounted; undefined: there is no such check. */
  readonly probe: (name: string, signal: AbortSignal) => Promise<readonly Observation[]> | undefined;
  /** What keeps it from being ready is false; Telegram is left out where it is not configured. */
  readonly readiness: () => {readonly store: boolean; readonly telegram?: boolean};
  readonly redact: (text: string) => string;
  readonly metrics?: Metrics | undefined;
}

export interface Metrics {
  readonly contentType: string;
  render(): Promise<string>;
  /** The page that this `Accept` header asks for. */
  page?(accept: string | undefined): Omit<Metrics, 'page'>;
}

export interface ReportedJob {
  readonly name: string;
  /** False when the program is ending and the report was not taken; a promise while it is being written. */
  readonly receive?: (report: Report) => boolean | Promise<boolean>;
  readonly lastReport?: () => LastReport | undefined;
}
