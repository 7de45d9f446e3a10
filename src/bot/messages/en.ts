import type {Locale} from '../../config/config.ts';
import * as access from './en/access.ts';
import * as alerts from './en/alerts.ts';
import * as answers from './en/answers.ts';
import * as details from './en/details.ts';
import * as help from './en/help.ts';
import * as oncall from './en/oncall.ts';
import * as pictures from './en/pictures.ts';
import * as recovery from './en/recovery.ts';
import * as why from './en/why.ts';

/**
 * Every word that people read, by section. English is the pattern: what stands here, each other language must have. A new
 * word goes into a section of `en/`, and into the file of the same name of each other language.
 */
export const en = {
  locale: 'en' as Locale,
  ...access,
  ...alerts,
  ...answers,
  ...details,
  ...help,
  ...pictures,
  ...oncall,
  ...recovery,
  ...why,
};

export type Words = typeof en;
