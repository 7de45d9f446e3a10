import type {Words} from '../en.ts';
import {numbersIn} from '../numbers.ts';

const {count, number} = numbersIn('ru');

export const access: Words['access'] = {
  yourGroups: (groups) => `Ваша роль действует только для проверок этих групп: ${groups}.`,
  roleFor: (role, groups) => `${role} для ${groups}`,
  privately: 'Только в личном чате со мной: здесь читают и другие.',
  tooMany: (max) => `Открытых приглашений уже ${number(max)}; список: /users, отозвать: /revoke`,
  tooLong: (duration) => `Предельный срок приглашения — ${duration}.`,
  noGroup: (group, known) =>
    known === ''
      ? `Нет проверок в группе ${group}; групп нет вообще.`
      : `Нет проверок в группе ${group}. Есть группы: ${known}`,
  invited: (role, time) => `Кто первым откроет эту ссылку, получит роль ${role}. Срок — до ${time}:`,
  keepIt: (isTyped, revoke) =>
    `${isTyped ? 'Это нужно написать боту в личном чате. ' : ''}Сработает один раз, для одного человека. Отозвать: ${revoke}`,
  welcome: (name, role, server) => `Добро пожаловать, ${name}. Теперь ваша роль на ${server} — ${role}. /help`,
  hasJoined: (name, id, role, revoke) =>
    `Ваше приглашение принято: ${name} (${id}), роль ${role}. Это не тот человек? ${revoke}`,
  youAre: (name, role, server) => `${name}, ваша роль на ${server} — ${role}. /help`,
  notNeeded: 'Этот код — для незнакомых; вас здесь знают, поэтому он не использован.',
  fromConfig: 'из config.yaml',
  fromInvite: (name, time) => `по приглашению (${name}, ${time})`,
  openInvite: (name, time) => `открытое приглашение (${name}), до ${time}`,
  nobody: 'В Telegram пока никто не может отдавать команды.',
  revoke: (what) => `Отозвать: ${what}`,
  noInvite: (id) => `Нет открытого приглашения #${id}; список: /users`,
  inviteRevoked: (id) => `Приглашение #${id} больше не действует.`,
  configured: (name, id) =>
    `${name}: роль задана в config.yaml, users.${id} (или в TELEGRAM_ADMIN_ID). Уберите её там; это подействует через несколько секунд.`,
  noUser: (name) => `Нет никого с именем ${name}; список: /users`,
  lastAdmin: 'Вы последний администратор: сначала пригласите другого.',
  userRevoked: (name, id) => `${name} (${id}): команды больше не принимаются.`,
  firstCode: (link, duration) =>
    `В Telegram пока никто не может отдавать команды. Кто первым откроет эту ссылку, станет администратором; у вас ${duration}: ${link}`,
};

const ENTRIES = {one: 'запись', few: 'записи', many: 'записей'};

export const audit: Words['audit'] = {
  empty: 'Команд ещё не было.',
  denied: 'отказано',
  newest: '« новые',
  older: 'старше ›',
  entries: (entries, isCut) =>
    isCut ? `${count(entries, ENTRIES)}, самые новые; все выводит vakhta audit на сервере` : count(entries, ENTRIES),
  byProgram: 'На сервере vakhta audit выводит все записи, по одному объекту JSON в строке.',
};
