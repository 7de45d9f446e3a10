import type {Words} from './en.ts';
import * as access from './es/access.ts';
import * as alerts from './es/alerts.ts';
import * as answers from './es/answers.ts';
import * as details from './es/details.ts';
import * as help from './es/help.ts';
import * as oncall from './es/oncall.ts';
import * as pictures from './es/pictures.ts';
import * as recovery from './es/recovery.ts';
import * as why from './es/why.ts';

export const es: Words = {
  locale: 'es',
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
