// What a program that uses JDBC lists and reads; t/090_clients.pl runs it with the
// driver in its class path, and compares what it prints: names and values, one a line.

import java.io.*;
import java.nio.charset.StandardCharsets;
import java.sql.*;
import java.util.*;

class Jdbc {
    static Connection connection;
    // System.out writes what the locale has, whatever the database does.
    static final PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);

    static Connection connect() throws SQLException {
        Map<String, String> env = System.getenv();
        return DriverManager.getConnection(
            "jdbc:postgresql://127.0.0.1:" + env.get("PGPORT") + "/" + env.get("PGDATABASE"),
            env.get("PGUSER"), "");
    }

    static void print(String name, Object value) {
        out.println(name + "\t" + value);
    }

    // The values of one column of a result, of rows that are about one of our schemas
    static String listed(ResultSet rows, String column) throws SQLException {
        Set<String> found = new TreeSet<>();
        while (rows.next()) {
            String schema = rows.getString("TABLE_SCHEM");
            if (schema.matches("pinterest_(ads|live)|reports"))
                found.add(column.equals("TABLE_SCHEM") ? schema
                          : schema + "." + rows.getString(column));
        }
        return String.join(",", found);
    }

    // One row as text, each value got as a program gets it
    static String row(String sql, Object... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++)
                statement.setObject(i + 1, parameters[i]);
            return row(statement.executeQuery());
        }
    }

    static String row(ResultSet result) throws SQLException {
        ResultSetMetaData about = result.getMetaData();
        List<String> values = new ArrayList<>();
        result.next();
        for (int i = 1; i <= about.getColumnCount(); i++) {
            switch (about.getColumnType(i)) {
                case Types.BIGINT: values.add(result.getObject(i, Long.class).toString()); break;
                case Types.NUMERIC: values.add(result.getBigDecimal(i).toPlainString()); break;
                case Types.DATE: values.add(result.getObject(i, java.time.LocalDate.class).toString()); break;
                case Types.ARRAY: values.add(Arrays.toString((Object[]) result.getArray(i).getArray())); break;
                default: values.add(result.getString(i));
            }
        }
        return String.join("|", values);
    }

    static void list() throws SQLException {
        DatabaseMetaData about = connection.getMetaData();

        print("driver", about.getDriverName() + " " + about.getDriverVersion());
        print("schemas", listed(about.getSchemas(), "TABLE_SCHEM"));
        print("tables", listed(about.getTables(null, null, "%", new String[] {"TABLE", "VIEW"}), "TABLE_NAME"));
        print("foreign tables", listed(about.getTables(null, null, "%", new String[] {"FOREIGN TABLE"}), "TABLE_NAME"));
        for (String schema : new String[] {"pinterest_ads", "pinterest_live"}) {
            List<String> names = new ArrayList<>();
            ResultSet columns = about.getColumns(null, schema, "campaign_report", "%");
            while (columns.next()) {
                names.add(columns.getString("COLUMN_NAME"));
                if (columns.getString("COLUMN_NAME").equals("total_impression"))
                    print("comment in " + schema, columns.getString("REMARKS"));
            }
            print("columns in " + schema, String.join(",", names));
        }
        SortedMap<Integer, String> key = new TreeMap<>();
        ResultSet keys = about.getPrimaryKeys(null, "pinterest_ads", "campaign_report");
        while (keys.next())
            key.put(keys.getInt("KEY_SEQ"), keys.getString("COLUMN_NAME"));
        print("key", String.join(",", key.values()));
    }

    static void read() throws SQLException {
        String campaign = System.getenv("CAMPAIGN");
        java.time.LocalDate day = java.time.LocalDate.parse(System.getenv("DAY"));

        for (String schema : new String[] {"pinterest_ads", "pinterest_live"}) {
            print("report in " + schema, row("SELECT campaign_id, date, total_impression, spend_in_dollar FROM "
                + schema + ".campaign_report WHERE campaign_id = ? AND date = ?", campaign, day));
            print("list in " + schema, row("SELECT daily_spend_cap, tracking_urls FROM "
                + schema + ".campaigns WHERE campaign_id = ?", System.getenv("LISTED")));
            print("array in " + schema, row("SELECT permissions FROM " + schema + ".advertisers"));
        }
        print("view", row("SELECT week, spend_in_dollar, total_impression, click_rate FROM reports.campaign_by_week"
            + " WHERE campaign_id = ? AND week = date_trunc('week', ?::date)::date", campaign, day));

        // From the fifth time on, the driver uses a statement that is prepared on the server.
        List<String> found = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(
                "SELECT count(*) FROM pinterest_live.campaign_report WHERE date = ?")) {
            for (int back = 0; back < 8; back++) {
                statement.setObject(1, day.minusDays(back));
                found.add(row(statement.executeQuery()));
            }
        }
        print("prepared", String.join(",", found));

        connection.setAutoCommit(false);
        int count = 0;
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(3);
            ResultSet rows = statement.executeQuery("SELECT * FROM pinterest_live.campaign_report");
            while (rows.next())
                count++;
        }
        connection.commit();
        connection.setAutoCommit(true);
        print("in portions", count);
    }

    static void call() throws Exception {
        print("refreshed", row("SELECT target::text, rows, unchanged FROM pinterest.refresh('pinterest_ads.campaigns')"));
        print("checked", row("SELECT count(*) FILTER (WHERE ok)::text, count(*) FILTER (WHERE NOT ok)::text"
            + " FROM pinterest.check('pinterest')"));
        // The procedure commits.
        try (Statement statement = connection.createStatement()) {
            statement.execute("CALL pinterest.refresh_all('{pinterest_ads.campaigns}')");
        }
        print("called", row("SELECT status FROM pinterest.status WHERE target = 'pinterest_ads.campaigns'::regclass"));

        // Somebody who waits for Pinterest, and gives up
        try (Statement statement = connection.createStatement(); Connection other = connect()) {
            Thread thread = new Thread(() -> {
                try {
                    PreparedStatement waits = other.prepareStatement(
                        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND query LIKE '%live.audiences%'");
                    ResultSet waiting;
                    do {
                        Thread.sleep(20);
                        waiting = waits.executeQuery();
                        waiting.next();
                    } while (waiting.getInt(1) == 0);
                    statement.cancel();
                } catch (Exception error) {
                    print("error", error);
                }
            });
            thread.start();
            try {
                statement.executeQuery("SELECT * FROM pinterest_live.audiences");
            } catch (SQLException error) {
                print("cancelled", error.getSQLState());
            }
            thread.join();
        }
        print("afterwards", row("SELECT count(*) FROM pinterest_ads.advertisers"));
    }

    public static void main(String[] arguments) throws Exception {
        connection = connect();
        list();
        read();
        call();
        connection.close();
    }
}
