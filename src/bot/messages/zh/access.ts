import type {Words} from '../en.ts';
import {numbersIn} from '../numbers.ts';

const {count} = numbersIn('zh');

export const access: Words['access'] = {
  yourGroups: (groups) => `您的角色仅适用于以下组的检查：${groups}。`,
  roleFor: (role, groups) => `${groups} 的 ${role}`,
  privately: '仅限与我的私聊：这里其他人也能看到。',
  tooMany: (max) => `已有 ${count(max, {other: '个邀请'})}未使用；发送 /users 查看，用 /revoke 撤销。`,
  tooLong: (duration) => `邀请的有效期最长为 ${duration}。`,
  noGroup: (group, known) =>
    known === '' ? `没有检查属于组 ${group}；目前没有任何组。` : `没有检查属于组 ${group}。现有的组：${known}`,
  invited: (role, time) => `第一个打开此链接的人将获得角色 ${role}。有效期至 ${time}：`,
  keepIt: (isTyped, revoke) =>
    `${isTyped ? '请在私聊中发送给机器人。' : ''}仅可使用一次，仅限一人。撤销请发送 ${revoke}`,
  welcome: (name, role, server) => `欢迎，${name}。您现在在 ${server} 上的角色是 ${role}。/help`,
  hasJoined: (name, id, role, revoke) => `${name}（${id}）已接受您的邀请，角色为 ${role}。不是您要邀请的人？${revoke}`,
  youAre: (name, role, server) => `${name}，您在 ${server} 上的角色是 ${role}。/help`,
  notNeeded: '此邀请码供尚无权限的人使用；您已有权限，因此未使用。',
  fromConfig: '来自 config.yaml',
  fromInvite: (name, time) => `由 ${name} 邀请，${time}`,
  openInvite: (name, time) => `${name} 发出的邀请，有效期至 ${time}`,
  nobody: '目前还没有人可以在 Telegram 中下达命令。',
  revoke: (what) => `撤销 ${what}`,
  noInvite: (id) => `没有未使用的邀请 #${id}，发送 /users 查看列表。`,
  inviteRevoked: (id) => `邀请 #${id} 已失效。`,
  configured: (name, id) =>
    `${name} 的权限写在 config.yaml 的 users.${id} 中（或来自 TELEGRAM_ADMIN_ID）。请在那里删除，几秒内生效。`,
  noUser: (name) => `没有名为 ${name} 的人，发送 /users 查看列表。`,
  lastAdmin: '您是最后一位管理员：请先邀请另一位。',
  userRevoked: (name, id) => `${name}（${id}）不能再下达命令。`,
  firstCode: (link, duration) =>
    `目前还没有人可以在 Telegram 中下达命令。在 ${duration}内第一个打开此链接的人将成为管理员：${link}`,
};

const ENTRIES = {other: '条记录'};

export const audit: Words['audit'] = {
  empty: '还没有下达过命令。',
  denied: '已拒绝',
  newest: '« 最新',
  older: '更早 ›',
  entries: (entries, isCut) =>
    isCut ? `最新的 ${count(entries, ENTRIES)}；在服务器上运行 vakhta audit 可查看全部` : count(entries, ENTRIES),
  byProgram: '在服务器上运行 vakhta audit 可查看全部记录，每行一个 JSON 对象。',
};
