/*-------------------------------------------------------------------------
 *
 * key.c
 *	  When two rows have the same natural key.
 *
 * The unique index of the target decides: a refresh that took keys for different
 * which are the same there would fail, and one that took them for the same would
 * lose a row.
 *
 * Copyright (c) 2026, pinterest_fdw contributors
 *
 *-------------------------------------------------------------------------
 */
#include "postgres.h"

#include "access/hash.h"
#include "access/htup_details.h"
#include "access/nbtree.h"
#include "access/stratnum.h"
#include "catalog/pg_am.h"
#include "catalog/pg_amop.h"
#include "catalog/pg_index.h"
#include "catalog/pg_operator.h"
#include "commands/defrem.h"
#include "executor/tuptable.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "base/relation.h"
#include "refresh/key.h"

/*
 * extended_hash
 *		The function of 64 bits that hashes what an operator compares; InvalidOid
 *		if there is none.
 */
static Oid
extended_hash(Oid equal)
{
	CatCList   *list = SearchSysCacheList1(AMOPOPID, ObjectIdGetDatum(equal));
	Oid			result = InvalidOid;

	for (int i = 0; i < list->n_members && !OidIsValid(result); i++)
	{
		Form_pg_amop form = (Form_pg_amop) GETSTRUCT(&list->members[i]->tuple);

		if (form->amopmethod == HASH_AM_OID &&
			form->amopstrategy == HTEqualStrategyNumber)
			result = get_opfamily_proc(form->amopfamily, form->amoplefttype,
									   form->amoplefttype, HASHEXTENDED_PROC);
	}
	ReleaseSysCacheList(list);
	return result;
}

/*
 * check_collation
 *		Refuses a collation to which different texts are the same.
 */
static void
check_collation(Relation target, const char *column, Oid collation)
{
	if (!OidIsValid(collation) || get_collation_isdeterministic(collation))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("column \"%s\" of table \"%s\" has a nondeterministic collation",
					column, pin_name_of(target)),
			 errdetail("It belongs to the natural key. Collation \"%s\" takes different texts for the same.",
					   get_collation_name(collation)),
			 errhint("Give the column, and the unique index on the natural key, a deterministic collation.")));
}

/*
 * describe_column
 *		Fills in how values of a column of the key compare, in the current memory
 *		context.
 *
 * collation, opclass: of the index.
 */
static void
describe_column(PinKeyColumn *column, Relation target, Form_pg_attribute att,
				Oid collation, Oid opclass)
{
	Oid			family = get_opclass_family(opclass);
	Oid			type = get_opclass_input_type(opclass);
	Oid			image_fn;
	Oid			hash_fn;

	check_collation(target, NameStr(att->attname), att->attcollation);
	check_collation(target, NameStr(att->attname), collation);
	column->collation = collation;
	column->equal = get_opfamily_member(family, type, type,
										BTEqualStrategyNumber);
	image_fn = get_opfamily_proc(family, type, type, BTEQUALIMAGE_PROC);
	column->by_image = OidIsValid(image_fn) &&
		DatumGetBool(OidFunctionCall1Coll(image_fn, collation,
										  ObjectIdGetDatum(type)));
	if (column->by_image && OidIsValid(column->equal))
		return;
	hash_fn = OidIsValid(column->equal) ? extended_hash(column->equal) :
		InvalidOid;
	if (!OidIsValid(hash_fn))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("column \"%s\" of table \"%s\" cannot belong to a natural key",
						NameStr(att->attname), pin_name_of(target)),
				 errdetail("Type %s has no hash function for the operator class of the unique index.",
						   format_type_be(att->atttypid)),
				 errhint("Use another type, as text.")));
	fmgr_info(get_opcode(column->equal), &column->equal_fn);
	fmgr_info(hash_fn, &column->hash_fn);
}

/*
 * default_key
 *		The natural key of a target that can have no unique index: values compare as
 *		they do in one that is made without further ado.
 */
static PinKey *
default_key(const PinSourceTable *source, Relation target)
{
	PinKey	   *key = palloc0(sizeof(PinKey));
	ListCell   *lc;

	key->columns = palloc0(sizeof(PinKeyColumn) * list_length(source->key));
	foreach(lc, source->key)
	{
		PinKeyColumn *column = &key->columns[key->ncolumns++];
		AttrNumber	attnum = get_attnum(RelationGetRelid(target),
										source->columns[lfirst_int(lc)].name);
		Form_pg_attribute att = TupleDescAttr(RelationGetDescr(target), attnum - 1);
		Oid			opclass = GetDefaultOpClass(att->atttypid, BTREE_AM_OID);

		column->place = lfirst_int(lc);
		if (!OidIsValid(opclass))
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("column \"%s\" of table \"%s\" cannot belong to a natural key",
							NameStr(att->attname), pin_name_of(target)),
					 errdetail("Type %s has no default operator class for an index.",
							   format_type_be(att->atttypid)),
					 errhint("Use another type, as text.")));
		describe_column(column, target, att, att->attcollation, opclass);
	}
	return key;
}

/*
 * pin_key_of
 *		The natural key of a target, which has a unique index on it unless it has
 *		partitions elsewhere, palloc'd.
 *
 * Raises 55000 if it has none, and 0A000 if values of the key cannot be told
 * apart by hashes.
 */
PinKey *
pin_key_of(const PinSourceTable *source, Relation target)
{
	Oid			indexid = pin_check_key_index(source, target);
	HeapTuple	tuple;
	PinKey	   *key;
	Form_pg_index form;
	const oidvector *opclasses;
	const oidvector *collations;
	bool		isnull;

	if (!OidIsValid(indexid))
		return default_key(source, target);
	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(indexid));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for index %u", indexid);
	key = palloc0(sizeof(PinKey));
	form = (Form_pg_index) GETSTRUCT(tuple);
	opclasses = (oidvector *) DatumGetPointer(SysCacheGetAttr(INDEXRELID, tuple,
															  Anum_pg_index_indclass,
															  &isnull));
	collations = (oidvector *) DatumGetPointer(SysCacheGetAttr(INDEXRELID, tuple,
															   Anum_pg_index_indcollation,
															   &isnull));
	key->ncolumns = form->indnkeyatts;
	key->columns = palloc0(sizeof(PinKeyColumn) * key->ncolumns);
	for (int i = 0; i < key->ncolumns; i++)
	{
		Form_pg_attribute att = TupleDescAttr(RelationGetDescr(target),
											  form->indkey.values[i] - 1);
		PinKeyColumn *column = &key->columns[i];

		while (strcmp(source->columns[column->place].name,
					  NameStr(att->attname)) != 0)
			column->place++;
		describe_column(column, target, att, collations->values[i],
						opclasses->values[i]);
	}
	ReleaseSysCache(tuple);
	return key;
}

/*
 * pin_key_is_same
 *		Whether two keys tell the same rows apart.
 */
bool
pin_key_is_same(const PinKey *key, const PinKey *other)
{
	if (key->ncolumns != other->ncolumns)
		return false;
	for (int i = 0; i < key->ncolumns; i++)
	{
		if (key->columns[i].place != other->columns[i].place ||
			key->columns[i].equal != other->columns[i].equal ||
			key->columns[i].collation != other->columns[i].collation)
			return false;
	}
	return true;
}

/*
 * pin_key_equal
 *		Whether two rows of the source's columns have the same key.  Nulls are
 *		like nothing.
 */
bool
pin_key_equal(PinKey *key, TupleTableSlot *slot, TupleTableSlot *other)
{
	slot_getallattrs(slot);
	slot_getallattrs(other);
	for (int i = 0; i < key->ncolumns; i++)
	{
		PinKeyColumn *column = &key->columns[i];
		Form_pg_attribute att = TupleDescAttr(slot->tts_tupleDescriptor,
											  column->place);
		Datum		value = slot->tts_values[column->place];
		Datum		value2 = other->tts_values[column->place];

		if (slot->tts_isnull[column->place] || other->tts_isnull[column->place])
			return false;
		if (column->by_image ?
			!datum_image_eq(value, value2, att->attbyval, att->attlen) :
			!DatumGetBool(FunctionCall2Coll(&column->equal_fn, column->collation,
											value, value2)))
			return false;
	}
	return true;
}

/*
 * pin_operator_sql
 *		An operator with its schema, as a statement has it, palloc'd.
 */
char *
pin_operator_sql(Oid operator)
{
	HeapTuple	tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(operator));
	Form_pg_operator form;
	char	   *result;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for operator %u", operator);
	form = (Form_pg_operator) GETSTRUCT(tuple);
	result = psprintf("OPERATOR(%s.%s)",
					  quote_identifier(get_namespace_name(form->oprnamespace)),
					  NameStr(form->oprname));
	ReleaseSysCache(tuple);
	return result;
}
