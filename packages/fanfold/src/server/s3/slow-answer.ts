/** Answers that may take long: spaces keep the connection alive meanwhile, and what goes wrong comes with a status of 200. */
import type { ServerResponse } from 'node:http';
import { ServiceError } from '../../ports/service-error.ts';
import { sendXml, type XmlContent, xmlDocument } from './xml.ts';

const PATIENCE_MS = 5000;

/** @throws what `work` throws, if nothing was sent yet */
export async function sendWhenDone(
  outgoing: ServerResponse,
  name: string,
  work: () => Promise<XmlContent>,
): Promise<void> {
  const timer = setInterval(() => {
    if (!outgoing.headersSent) {
      outgoing.writeHead(200, { 'content-type': 'application/xml' });
      outgoing.write(DECLARATION);
    }
    outgoing.write(' ');
  }, PATIENCE_MS);
  try {
    const content = await work();
    if (!outgoing.headersSent) return sendXml(outgoing, name, content);
    outgoing.end(xmlDocument(name, content).slice(DECLARATION.length));
  } catch (error) {
    if (!outgoing.headersSent || !(error instanceof ServiceError)) throw error;
    const members = { Code: error.code, Message: error.message };
    outgoing.end(xmlDocument('Error', members).slice(DECLARATION.length));
  } finally {
    clearInterval(timer);
  }
}

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';
