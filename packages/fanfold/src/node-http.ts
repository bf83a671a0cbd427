/**
 * What is used of `node:http`. An ES module that imports it from Node reads all that it exports, which loads Node's `fetch` and
 * WebSocket: of the 200 ms in which a project is opened that was 20.
 */
import type * as http from 'node:http';

const loaded = process.getBuiltinModule('node:http');

export const Agent: typeof http.Agent = loaded.Agent;
export type Agent = http.Agent;
export const createServer: typeof http.createServer = loaded.createServer;
export const request: typeof http.request = loaded.request;
export const validateHeaderName: typeof http.validateHeaderName = loaded.validateHeaderName;
export const validateHeaderValue: typeof http.validateHeaderValue = loaded.validateHeaderValue;
