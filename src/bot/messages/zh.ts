import type {Words} from './en.ts';
import * as access from './zh/access.ts';
import * as alerts from './zh/alerts.ts';
import * as answers from './zh/answers.ts';
import * as details from './zh/details.ts';
import * as help from './zh/help.ts';
import * as oncall from './zh/oncall.ts';
import * as pictures from './zh/pictures.ts';
import * as recovery from './zh/recovery.ts';
import * as why from './zh/why.ts';

export const zh: Words = {
  locale: 'zh',
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
