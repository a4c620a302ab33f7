-- All that the extension consists of, a line for each property of each object: the
-- same lines come from all databases whose extensions are the same.

SET search_path = pg_catalog;

WITH extension AS (
	SELECT oid, extname, extrelocatable, extconfig, extcondition
	FROM pg_extension WHERE extname = 'pinterest_fdw'
), member AS (
	SELECT d.classid, d.objid, i.type || ' ' || i.identity AS name
	FROM extension AS e
		JOIN pg_depend AS d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid
			AND d.deptype = 'e'
		CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) AS i
), relation AS (
	-- with those of composite types, which are members by their types alone
	SELECT m.name, c.*
	FROM member AS m JOIN pg_class AS c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid
	UNION ALL
	SELECT m.name, c.*
	FROM member AS m
		JOIN pg_type AS t ON m.classid = 'pg_type'::regclass AND t.oid = m.objid
		JOIN pg_class AS c ON c.oid = t.typrelid AND c.relkind = 'c'
), property (name, property, value) AS (
	SELECT extname, 'configuration', format('%s %s', c.relid::regclass, c.condition)
	FROM extension, unnest(extconfig, extcondition) AS c (relid, condition)
	UNION ALL
	SELECT extname, 'relocatable', extrelocatable::text FROM extension
	UNION ALL
	SELECT name, 'member', '' FROM member
	UNION ALL
	SELECT name, 'comment', obj_description(objid, classid::regclass::name) FROM member
	UNION ALL
	SELECT m.name, 'privileges at first', array_agg(a::text ORDER BY a::text)::text
	FROM member AS m
		JOIN pg_init_privs AS p ON p.classoid = m.classid AND p.objoid = m.objid
		CROSS JOIN LATERAL unnest(p.initprivs) AS a
	GROUP BY m.name, p.objsubid
	UNION ALL
	SELECT m.name, 'privileges', array_agg(a::text ORDER BY a::text)::text
	FROM member AS m
		CROSS JOIN LATERAL (
			SELECT relacl FROM pg_class WHERE m.classid = 'pg_class'::regclass AND oid = m.objid
			UNION ALL
			SELECT proacl FROM pg_proc WHERE m.classid = 'pg_proc'::regclass AND oid = m.objid
			UNION ALL
			SELECT typacl FROM pg_type WHERE m.classid = 'pg_type'::regclass AND oid = m.objid
			UNION ALL
			SELECT nspacl FROM pg_namespace WHERE m.classid = 'pg_namespace'::regclass AND oid = m.objid
			UNION ALL
			SELECT fdwacl FROM pg_foreign_data_wrapper
			WHERE m.classid = 'pg_foreign_data_wrapper'::regclass AND oid = m.objid) AS o (acl)
		CROSS JOIN LATERAL unnest(o.acl) AS a
	GROUP BY m.name
	UNION ALL
	SELECT m.name, 'definition', pg_get_functiondef(m.objid)
	FROM member AS m WHERE m.classid = 'pg_proc'::regclass
	UNION ALL
	SELECT m.name, 'wrapper', format('%s %s %s', w.fdwhandler::regprocedure,
		w.fdwvalidator::regprocedure, w.fdwoptions)
	FROM member AS m JOIN pg_foreign_data_wrapper AS w
		ON m.classid = 'pg_foreign_data_wrapper'::regclass AND w.oid = m.objid
	UNION ALL
	SELECT m.name, 'event trigger', format('%s %s %s %s', t.evtevent, t.evtfoid::regprocedure,
		t.evtenabled, t.evttags)
	FROM member AS m JOIN pg_event_trigger AS t
		ON m.classid = 'pg_event_trigger'::regclass AND t.oid = m.objid
	UNION ALL
	SELECT m.name, 'cast', format('%s %s %s', c.castfunc::regprocedure, c.castcontext, c.castmethod)
	FROM member AS m JOIN pg_cast AS c ON m.classid = 'pg_cast'::regclass AND c.oid = m.objid
	UNION ALL
	SELECT m.name, 'type', format('%s %s %s %s %s %s %s %s %s %s', t.typlen, t.typbyval, t.typtype,
		t.typcategory, t.typispreferred, t.typalign, t.typstorage, t.typinput, t.typoutput,
		(SELECT array_agg(enumlabel ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid))
	FROM member AS m JOIN pg_type AS t ON m.classid = 'pg_type'::regclass AND t.oid = m.objid
	UNION ALL
	SELECT name, 'relation', format('%s %s %s %s %s %s', relkind, relpersistence, reloptions,
		relrowsecurity, relforcerowsecurity, relreplident)
	FROM relation
	UNION ALL
	SELECT name, 'view', pg_get_viewdef(oid) FROM relation WHERE relkind = 'v'
	UNION ALL
	SELECT r.name, 'column ' || a.attnum, format('%s %s %s %s %s %s %s %s %s', a.attname,
		format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
		a.attstorage, coalesce(to_jsonb(a) ->> 'attstattarget', '-1'),
		(SELECT array_agg(o) FROM unnest(a.attoptions) AS o WHERE o ~ '^n_distinct'),
		CASE a.attcollation WHEN 0 THEN '' ELSE a.attcollation::regcollation::text END)
	FROM relation AS r JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0
	UNION ALL
	SELECT r.name, format('privileges of column %s', a.attname), a.attacl::text
	FROM relation AS r JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0
	WHERE a.attacl IS NOT NULL
	UNION ALL
	SELECT r.name, format('comment on column %s', a.attname), col_description(r.oid, a.attnum)
	FROM relation AS r JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0
	UNION ALL
	SELECT r.name, format('default of column %s', a.attname), pg_get_expr(d.adbin, d.adrelid)
	FROM relation AS r JOIN pg_attrdef AS d ON d.adrelid = r.oid
		JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attnum = d.adnum
	UNION ALL
	SELECT r.name, 'constraint ' || c.conname, format('%s %s', pg_get_constraintdef(c.oid),
		obj_description(c.oid, 'pg_constraint'))
	FROM relation AS r JOIN pg_constraint AS c ON c.conrelid = r.oid
	UNION ALL
	SELECT r.name, 'index', pg_get_indexdef(i.indexrelid)
	FROM relation AS r JOIN pg_index AS i ON i.indrelid = r.oid
	UNION ALL
	SELECT r.name, 'trigger', format('%s %s %s', pg_get_triggerdef(t.oid), t.tgenabled,
		obj_description(t.oid, 'pg_trigger'))
	FROM relation AS r JOIN pg_trigger AS t ON t.tgrelid = r.oid AND NOT t.tgisinternal
	UNION ALL
	SELECT r.name, 'policy ' || p.polname, format('%s %s %s %s %s', p.polcmd, p.polpermissive,
		p.polroles::regrole[], pg_get_expr(p.polqual, p.polrelid),
		pg_get_expr(p.polwithcheck, p.polrelid))
	FROM relation AS r JOIN pg_policy AS p ON p.polrelid = r.oid
	UNION ALL
	SELECT r.name, 'rule', pg_get_ruledef(w.oid)
	FROM relation AS r JOIN pg_rewrite AS w ON w.ev_class = r.oid AND w.rulename <> '_RETURN'
	UNION ALL
	-- so that this file is extended when something new comes
	SELECT name, 'is of a kind that is not compared', classid::regclass::text
	FROM member
	WHERE classid NOT IN ('pg_proc'::regclass, 'pg_foreign_data_wrapper'::regclass,
		'pg_event_trigger'::regclass, 'pg_cast'::regclass, 'pg_type'::regclass,
		'pg_class'::regclass, 'pg_namespace'::regclass))
SELECT concat_ws('|', name, property, value)
FROM property
WHERE value IS NOT NULL
ORDER BY concat_ws('|', name, property, value) COLLATE "C";
