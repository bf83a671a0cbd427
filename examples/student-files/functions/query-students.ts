/** The table's two access patterns over HTTP: all courses of a student, and one of them. */
import type { FunctionHandler, Item } from 'fanfold';

interface Request {
  readonly pathParameters?: Readonly<Record<string, string>> | null;
}

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const handler: FunctionHandler<Request, Answer> = async ({ pathParameters }, { tables }) => {
  const { TABLE_NAME: table = '' } = process.env;
  const { student_id: id = '', course } = pathParameters ?? {};
  if (course !== undefined) {
    const item = await tables.get({ table, key: { student_id: { S: id }, course: { S: course } } });
    return item ? answer(200, plain(item)) : answer(404, { message: `${id} does not take ${course}.` });
  }
  const { items } = await tables.query({ table, partition: { S: id } });
  return answer(200, { student_id: id, courses: items.map(plain) });
};

function plain(item: Item): Record<string, string> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, 'S' in value ? value.S : '']));
}

function answer(statusCode: number, body: object): Answer {
  return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
