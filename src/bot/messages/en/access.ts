export const access = {
  yourGroups: (groups: string) => `Your role holds for checks of these groups only: ${groups}.`,
  roleFor: (role: string, groups: string) => `${role} for ${groups}`,
  privately: 'Only in a private chat with me: others read along here.',
  tooMany: (max: number) => `${max} invites are open already; /users lists them, /revoke takes them back.`,
  tooLong: (duration: string) => `An invite is good for ${duration} at most.`,
  noGroup: (group: string, known: string) =>
    known === ''
      ? `No check is in a group ${group}; no check is in any.`
      : `No check is in a group ${group}. There are: ${known}`,
  invited: (role: string, time: string) => `Whoever opens this first becomes ${role}. It is good until ${time}:`,
  keepIt: (isTyped: boolean, revoke: string) =>
    `${isTyped ? 'It is to be written to the bot, in a private chat. ' : ''}It works once, for one person. ${revoke} takes it back.`,
  welcome: (name: string, role: string, server: string) => `Welcome, ${name}. On ${server} you are ${role} now. /help`,
  hasJoined: (name: string, id: number, role: string, revoke: string) =>
    `${name} (${id}) has opened your invite and is ${role} now. Not the one you meant? ${revoke}`,
  youAre: (name: string, role: string, server: string) => `${name}, on ${server} you are ${role}. /help`,
  notNeeded: 'That code makes strangers known; you are known already, so it was not used.',
  fromConfig: 'in config.yaml',
  fromInvite: (name: string, time: string) => `invited by ${name}, ${time}`,
  openInvite: (name: string, time: string) => `open invite by ${name}, until ${time}`,
  nobody: 'Nobody may give orders in Telegram yet.',
  revoke: (what: string) => `Revoke ${what}`,
  noInvite: (id: number) => `There is no open invite #${id}; /users lists them.`,
  inviteRevoked: (id: number) => `Invite #${id} is no longer good.`,
  configured: (name: string, id: number) =>
    `${name} stands in config.yaml, under users.${id} (or in TELEGRAM_ADMIN_ID). Remove them there; that takes effect within seconds.`,
  noUser: (name: string) => `Nobody is called ${name}; /users lists them.`,
  lastAdmin: 'You are the last admin: invite another one first.',
  userRevoked: (name: string, id: number) => `${name} (${id}) may give no orders any more.`,
  firstCode: (link: string, duration: string) =>
    `Nobody may give orders in Telegram yet. Whoever opens this first, within ${duration}, becomes the admin: ${link}`,
};

export const audit = {
  empty: 'No orders were given.',
  denied: 'denied',
  newest: '« newest',
  older: 'older ›',
  entries: (count: number, isCut: boolean) =>
    `${isCut ? 'The newest ' : ''}${count} ${count === 1 ? 'entry' : 'entries'}${isCut ? '; vakhta audit, on the server, prints all of them' : ''}`,
  byProgram: 'On the server, vakhta audit prints all of it, one JSON object a line.',
};
