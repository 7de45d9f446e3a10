import type {Words} from './en.ts';
import * as access from './ru/access.ts';
import * as alerts from './ru/alerts.ts';
import * as answers from './ru/answers.ts';
import * as details from './ru/details.ts';
import * as help from './ru/help.ts';
import * as oncall from './ru/oncall.ts';
import * as pictures from './ru/pictures.ts';
import * as recovery from './ru/recovery.ts';
import * as why from './ru/why.ts';

export const ru: Words = {
  locale: 'ru',
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
