import type {
  DuckDBArrayType,
  DuckDBListType,
  DuckDBStructType,
  DuckDBType,
} from '@duckdb/node-api';
import { quoteIdentifier } from './quote.ts';
import { TYPE } from './values.ts';

/**
 * A type as DuckDB writes it, such as `STRUCT("a" JSON[])`. The package's own text says VARCHAR for
 * JSON inside a list or a STRUCT.
 */
export function typeText(type: DuckDBType): string {
  if (type.alias !== undefined) return type.alias;
  switch (type.typeId as number) {
    case TYPE.list:
      return `${typeText((type as DuckDBListType).valueType)}[]`;
    case TYPE.array: {
      const { valueType, length } = type as DuckDBArrayType;
      return `${typeText(valueType)}[${length}]`;
    }
    case TYPE.struct:
      return structText(type as DuckDBStructType);
    default:
      return String(type);
  }
}

function structText({ entryNames, entryTypes }: DuckDBStructType): string {
  const fields = entryTypes.map(
    (type, index) => `${quoteIdentifier(entryNames[index] ?? '')} ${typeText(type)}`,
  );
  return `STRUCT(${fields.join(', ')})`;
}
