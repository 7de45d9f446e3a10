import type {Words} from '../en.ts';
import {numbersIn} from '../numbers.ts';

const {count, number} = numbersIn('es');

export const access: Words['access'] = {
  yourGroups: (groups) => `Su rol solo vale para las comprobaciones de estos grupos: ${groups}.`,
  roleFor: (role, groups) => `${role} de ${groups}`,
  privately: 'Solo en un chat privado conmigo: aquí lo leen también otras personas.',
  tooMany: (max) => `Ya hay ${number(max)} invitaciones abiertas; /users las muestra y /revoke las retira.`,
  tooLong: (duration) => `Una invitación vale, como máximo, ${duration}.`,
  noGroup: (group, known) =>
    known === ''
      ? `Ninguna comprobación está en el grupo ${group}; no hay grupos.`
      : `Ninguna comprobación está en el grupo ${group}. Hay: ${known}`,
  invited: (role, time) => `Quien abra primero este enlace recibirá el rol ${role}. Vale hasta ${time}:`,
  keepIt: (isTyped, revoke) =>
    `${isTyped ? 'Hay que escribírselo al bot en un chat privado. ' : ''}Vale una sola vez, para una persona. ${revoke} la retira.`,
  welcome: (name, role, server) => `Le damos la bienvenida, ${name}. Su rol en ${server} es ahora ${role}. /help`,
  hasJoined: (name, id, role, revoke) =>
    `${name} (${id}) ha abierto su invitación y tiene ahora el rol ${role}. ¿No era para esa persona? ${revoke}`,
  youAre: (name, role, server) => `${name}, su rol en ${server} es ${role}. /help`,
  notNeeded: 'Ese código es para quien aún no tiene acceso; usted ya lo tiene, así que no se ha usado.',
  fromConfig: 'de config.yaml',
  fromInvite: (name, time) => `invitación de ${name}, ${time}`,
  openInvite: (name, time) => `invitación abierta de ${name}, hasta ${time}`,
  nobody: 'Nadie puede dar órdenes todavía en Telegram.',
  revoke: (what) => `Retirar ${what}`,
  noInvite: (id) => `No hay ninguna invitación abierta #${id}; /users las muestra.`,
  inviteRevoked: (id) => `La invitación #${id} ya no es válida.`,
  configured: (name, id) =>
    `${name} figura en config.yaml, en users.${id} (o en TELEGRAM_ADMIN_ID). Retire allí su acceso; el cambio se aplica en unos segundos.`,
  noUser: (name) => `Nadie se llama ${name}; /users muestra a todas las personas.`,
  lastAdmin: 'Usted tiene el último rol admin: invite antes a otra persona.',
  userRevoked: (name, id) => `${name} (${id}) ya no puede dar órdenes.`,
  firstCode: (link, duration) =>
    `Nadie puede dar órdenes todavía en Telegram. Quien abra primero este enlace recibirá el rol admin; vale ${duration}: ${link}`,
};

const ENTRIES = {one: 'entrada', many: 'de entradas', other: 'entradas'};

export const audit: Words['audit'] = {
  empty: 'No se ha dado ninguna orden.',
  denied: 'denegada',
  newest: '« recientes',
  older: 'anteriores ›',
  entries: (entries, isCut) =>
    isCut
      ? `${count(entries, ENTRIES)}, las más recientes; vakhta audit, en el servidor, las muestra todas`
      : count(entries, ENTRIES),
  byProgram: 'En el servidor, vakhta audit muestra todas las entradas, un objeto JSON por línea.',
};
