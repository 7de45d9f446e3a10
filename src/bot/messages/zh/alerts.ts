import type {Words} from '../en.ts';
import {numbersIn} from '../numbers.ts';

const {count} = numbersIn('zh');

export const card: Words['card'] = {
  isDown: '故障',
  recoveredAfter: (duration) => `已恢复，故障持续 ${duration}`,
  removedAfter: (duration) => `已从配置中移除，此前故障持续 ${duration}`,
  failuresSince: (failures, time) => `失败 ${count(failures, {other: '次'})}，自 ${time} 起故障`,
  downFromTo: (from, to) => `故障时间：${from} 至 ${to}`,
  targetsDown: (down, of) => `${count(of, {other: '个目标'})}中有 ${count(down, {other: '个'})}故障：`,
  moreTargets: (left) => `……另有 ${count(left, {other: '个'})}`,
  was: (reason) => `原因：${reason}`,
  acknowledgedBy: (name, time) => `${name} 已于 ${time} 确认`,
  acknowledgedUntil: (time) => `有效至 ${time}`,
  delayed: (duration) => `此渠道曾无法连接，最早的消息已延迟 ${duration}。`,
  broken: (checks) => (checks === 0 ? '以下各项现已全部正常' : `${count(checks, {other: '项检查'})}故障`),
  cutOff: (server) => `${server} 已断网：守护检查均无响应，其他失败不计入`,
  sinceTime: (time) => `自 ${time} 起`,
  missed: (list) => `期间发生故障并已恢复：${list}`,
  moreIncidents: (left) => `……另有 ${count(left, {other: '项'})}`,
  acknowledge: '确认',
  recover: '执行恢复…',
  acknowledgeAll: (free) => `全部确认（${free}）`,
  details: '详情',
};

export const recovery: Words['recovery'] = {
  isBack: (duration) => `已恢复，故障持续 ${duration}`,
  removed: '已不再监控',
};

export const reminder: Words['reminder'] = {
  stillDown: (duration) => `仍在故障，已持续 ${duration}`,
};

export const flapping: Words['flapping'] = {
  started: '状态抖动：稳定之前不再发送消息',
  ended: (duration, isDown) => `抖动 ${duration} 后已稳定，目前${isDown ? '故障' : '正常'}`,
};

export const mark: Words['mark'] = {
  repeated: '（重复发送）',
  late: (duration) => `（延迟 ${duration} 送达）`,
};

export const system: Words['system'] = {
  title: '系统信息',
  server: '服务器',
  address: '地址',
  os: '操作系统',
  uptime: '已运行时间',
  load: '负载（1、5、15 分钟）',
};

export const notice: Words['notice'] = {
  store_damaged: (detail) => `数据库文件已损坏，已另行存放：${detail}`,
  store_in_memory: (detail) =>
    `数据目录无法写入（${detail}）。检查和告警改用内存继续运行；若重启，当前发生的情况将丢失。`,
  store_back_on_disk: () => '数据目录已恢复写入，所有数据均已存盘。',
  history_failed: (detail) => `无法写入历史记录：${detail}`,
  channel_dead: (detail) => `渠道拒收消息：${detail}`,
  not_listening: (detail) => `HTTP 服务无法监听 ${detail}。每 10 秒重试一次，在此之前收不到任何心跳。`,
  config_reloaded: (detail) => `已重新读取配置：${detail}`,
  config_refused: (detail) => `修改后的配置有错误，继续使用原配置。\n${detail}`,
  rolled_out: (detail) => {
    const [version, orders] = detail.split('\n');
    return `此处现已运行 Vakhta ${version}${orders ? `；命令由 ${orders} 受理` : ''}`;
  },
};
