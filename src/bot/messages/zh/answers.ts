import type {Words} from '../en.ts';
import {numbersIn} from '../numbers.ts';
import {placeholdersIn} from '../placeholders.ts';

const {count, number} = numbersIn('zh');
const CHECKS = {other: '项检查'};
const TARGETS = {other: '个目标'};

export const status: Words['status'] = {
  allWell: (checks) => `${count(checks, CHECKS)}全部正常`,
  problems: (bad, of) => `${count(of, CHECKS)}中有 ${count(bad, {other: '项'})}故障`,
  unknown: '尚未运行',
  soft: (errors, failAfter) => `连续失败 ${number(errors)}/${number(failAfter)}`,
  inconclusive: '结果不确定',
  downTargets: (down, of) => `${count(of, TARGETS)}中有 ${count(down, {other: '个'})}故障`,
  okTargets: (ok, of) => `${count(of, TARGETS)}中 ${count(ok, {other: '个'})}正常`,
  more: (left) => `……另有 ${count(left, {other: '项'})}`,
  undelivered: (messages, duration) => `${count(messages, {other: '条消息'})}待发送，最早的已等待 ${duration}`,
  deadChannel: (channel, reason) => `渠道 ${channel} 拒收消息：${reason}`,
  noCheck: (name) => `没有名为 ${name} 的检查。`,
  flapping: '状态抖动',
  group: (name, fine, of) => `${name}：${count(of, {other: '项'})}中 ${count(fine, {other: '项'})}正常`,
  noGroup: '未分组',
  held: {
    outside_window: '不在通知时段',
    silenced: '已静默',
    maintenance: '维护中',
    parent_down: '所依赖的检查故障',
    flapping: '状态抖动',
  },
};

const NAMES = {
  COMMAND: '命令',
  GROUP: '组名',
  N: '行数',
  NAME: '名称',
  ID: '编号',
  ROLE: '角色',
  ROTATION: '轮班',
  WHO: '人员',
  G: '组名',
  glob: '通配符',
  why: '原因',
  check: '检查',
  group: '组',
};

export const board: Words['board'] = {
  changed: (time) => `最近变化：${time}`,
  ended: '此概览不再更新。',
};

export const order: Words['order'] = {
  unknown: (name) => `没有命令 /${name}，发送 /help 查看全部命令。`,
  notForYou: (role) => `此操作需要 ${role} 角色。`,
  arguments: (usage) => placeholdersIn(usage, NAMES),
  usage: (usage) => `用法：${placeholdersIn(usage, NAMES)}`,
  example: (example) => `例如：${example}`,
  noTime: (text) => `${text} 不是有效时长，请写成 30m、2h、1h30m 或 1d。`,
  which: (names) => `请指明是哪一项：${names}`,
  moreLetters: (left) => `……另有 ${count(left, {other: '项'})}，请多输入几个字母`,
  internal: '操作未成功，原因见日志。',
};

export const ack: Words['ack'] = {
  done: (check, until) => `已确认：${check}${until && `，${until}`}`,
  notDown: (check) => `${check} 没有故障，无需确认。`,
  already: (check, name, until) => `${check} 此前已由 ${name} 确认，现改由您确认${until && `，${until}`}。`,
  nothing: '目前没有故障。',
  noneLeft: '其中已没有待确认的项目。',
  notAcknowledged: (check) => `${check} 尚未确认。`,
  takenBack: (check) => `已取消确认：${check}`,
};

export const silence: Words['silence'] = {
  kind: {silence: '静默', maintenance: '维护'},
  done: (kind, what, checks, end) =>
    `${kind === 'silence' ? '已静默' : '维护中'}：${what}（${count(checks, CHECKS)}），${end}`,
  untilRecovered: '直到恢复',
  matchesNothing: (what) => `${what} 不匹配任何检查。`,
  nothingDown: (what) => `${what} 没有故障，请给出时长，例如 2h。`,
  none: '目前没有静默。',
  noSuch: (what) => `没有静默 ${what}，发送 /silences 查看列表。`,
  ended: (what) => `已解除静默：${what}`,
  end: (what) => `解除 ${what}`,
  howLong: (what) => `${what} 要静默多久？`,
};

export const reload: Words['reload'] = {
  begun: '正在重新读取配置。',
};

export const language: Words['language'] = {
  now: '目前用中文回复您。',
  chosen: '今后将用中文回复您。',
  auto: '今后语言随聊天而定：中文。',
};

export const button: Words['button'] = {
  expired: '此按钮已失效。',
  used: '此按钮已被按过。',
  notYours: '此按钮是给其他人的。',
};

export const confirm: Words['confirm'] = {
  really: (order) => `确定要执行 ${order} 吗？`,
  yes: '确定',
  no: '取消',
  typeYes: (duration) => `请在 ${duration}内输入 yes。`,
  dropped: '未执行任何操作。',
};

export const whoami: Words['whoami'] = {
  you: (name, id, role) => `${name}，id ${id}，角色 ${role}`,
  console: '您正在使用控制台：角色 admin',
  chat: (id) => `本聊天：${id}`,
  thread: (id) => `本话题：${id}`,
};

export const version: Words['version'] = {
  orders: (server) => `命令由 ${server} 受理`,
};
