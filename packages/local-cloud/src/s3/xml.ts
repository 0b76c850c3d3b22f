import { XMLParser } from 'fast-xml-parser';
import { escapeXml } from '../gateway/error-forms.ts';
import { s3Error } from './s3-error.ts';

/** An XML document as data: a list repeats its element, undefined leaves it out. */
export type XmlValue = string | number | boolean | undefined | XmlElement | readonly XmlElement[];
export interface XmlElement {
  readonly [name: string]: XmlValue;
}

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';
const parser = new XMLParser({
  parseTagValue: false,
  trimValues: false,
  processEntities: true,
  htmlEntities: true,
});

/** Renders the document of an S3 answer. */
export function renderXml(root: string, element: XmlElement): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${NAMESPACE}">${renderElement(element)}</${root}>`;
}

/** Parses the document of an S3 request and gives the element named `root`. */
export function parseXml(text: string, root: string): XmlNode {
  try {
    const parsed: unknown = parser.parse(text, true);
    if (isNode(parsed) && isNode(parsed[root])) return parsed[root];
  } catch (cause) {
    throw s3Error('MalformedXML', { Detail: String(cause) });
  }
  throw s3Error('MalformedXML', { Detail: `expected <${root}>` });
}

/** A parsed element: texts, elements, or lists of them. */
export interface XmlNode {
  readonly [name: string]: unknown;
}

/** The child elements of one name, however many there are. */
export function childrenOf(node: XmlNode, name: string): XmlNode[] {
  const value = node[name];
  const list: unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return list.filter(isNode);
}

/** The text of a child element, or undefined when it is missing. */
export function textOf(node: XmlNode, name: string): string | undefined {
  const value = node[name];
  return typeof value === 'string' ? value : undefined;
}

function isNode(value: unknown): value is XmlNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function renderElement(element: XmlElement): string {
  return Object.entries(element)
    .map(([name, value]) => {
      if (value === undefined) return '';
      const values = isList(value) ? value : [value];
      return values
        .map(
          (each) =>
            `<${name}>${typeof each === 'object' ? renderElement(each) : escapeXml(String(each))}</${name}>`,
        )
        .join('');
    })
    .join('');
}

function isList(value: XmlValue): value is readonly XmlElement[] {
  return Array.isArray(value);
}
