-- ====================================================================
-- Privileges
-- ====================================================================

-- Default privileges of whoever creates the extension may have granted more than
-- is granted here: a trigger on one of these tables would run with its owner's
-- rights, and a function in one of these schemas could be taken for one of ours.
DO $$
DECLARE
	object pg_catalog.record;
BEGIN
	FOR object IN
		SELECT o.kind, i.identity, a.grantee
		FROM pg_catalog.pg_depend AS d
			JOIN pg_catalog.pg_extension AS e
				ON e.oid OPERATOR(pg_catalog.=) d.refobjid
			CROSS JOIN LATERAL (
				SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.relacl, c.relowner
				FROM pg_catalog.pg_class AS c
				WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
					AND c.oid OPERATOR(pg_catalog.=) d.objid
				UNION ALL
				SELECT 'ROUTINE', p.proacl, p.proowner
				FROM pg_catalog.pg_proc AS p
				WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass
					AND p.oid OPERATOR(pg_catalog.=) d.objid
				UNION ALL
				SELECT 'TYPE', t.typacl, t.typowner
				FROM pg_catalog.pg_type AS t
				WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_type'::pg_catalog.regclass
					AND t.oid OPERATOR(pg_catalog.=) d.objid
				UNION ALL
				SELECT 'SCHEMA', n.nspacl, n.nspowner
				FROM pg_catalog.pg_namespace AS n
				WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_namespace'::pg_catalog.regclass
					AND n.oid OPERATOR(pg_catalog.=) d.objid
				UNION ALL
				SELECT 'FOREIGN DATA WRAPPER', w.fdwacl, w.fdwowner
				FROM pg_catalog.pg_foreign_data_wrapper AS w
				WHERE d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_foreign_data_wrapper'::pg_catalog.regclass
					AND w.oid OPERATOR(pg_catalog.=) d.objid) AS o (kind, acl, owner)
			CROSS JOIN LATERAL pg_catalog.pg_identify_object(d.classid, d.objid, 0) AS i
			CROSS JOIN LATERAL (
				SELECT DISTINCT x.grantee FROM pg_catalog.aclexplode(o.acl) AS x) AS a
		WHERE d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_extension'::pg_catalog.regclass
			AND e.extname OPERATOR(pg_catalog.=) 'pinterest_fdw'
			AND d.deptype OPERATOR(pg_catalog.=) 'e'
			AND a.grantee OPERATOR(pg_catalog.<>) o.owner
	LOOP
		EXECUTE pg_catalog.format('REVOKE ALL ON %s %s FROM %s', object.kind, object.identity,
			CASE object.grantee WHEN 0 THEN 'PUBLIC'
				ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(object.grantee)) END);
	END LOOP;
END
$$;

GRANT USAGE ON SCHEMA pinterest, pinterest_internal TO PUBLIC;
GRANT EXECUTE ON ALL ROUTINES IN SCHEMA pinterest, pinterest_internal TO PUBLIC;
GRANT USAGE ON TYPE pinterest.refresh_result, pinterest_internal.relation TO PUBLIC;

-- What the views show is chosen by them; the tables can be read so that whoever
-- owns a database can dump it.  Of foreign tables everybody knows the options, and
-- needs them for pinterest.create_views().
GRANT SELECT ON pinterest.resources, pinterest.resource_columns,
	pinterest.refresh_log, pinterest.status, pinterest.freshness, pinterest.schedules,
	pinterest.usage, pinterest.problems,
	pinterest_internal.materialized_tables, pinterest_internal.schedules,
	pinterest_internal.source_tables TO PUBLIC;
