import banyan.ledger.models
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.db import migrations, models


# Which stretch of transaction ids we are in; a restore begins another (models.Era).
ERAS = """
INSERT INTO ledger_era (number, why) VALUES (1, 'installed');
CREATE FUNCTION ledger_current_era() RETURNS smallint LANGUAGE sql STABLE
    AS 'SELECT max(number) FROM ledger_era';
"""
NO_ERAS = "DROP FUNCTION ledger_current_era()"


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Cursor',
            fields=[
                ('reader', models.CharField(max_length=120, primary_key=True, serialize=False)),
                ('position', models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Era',
            fields=[
                ('number', models.SmallIntegerField(primary_key=True, serialize=False)),
                ('began_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('why', models.CharField(max_length=60)),
            ],
        ),
        migrations.RunSQL(ERAS, NO_ERAS),
        migrations.CreateModel(
            name='Seal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('previous', models.CharField(max_length=64)),
                ('seal', models.CharField(max_length=64, unique=True)),
                ('first', models.BigIntegerField()),
                ('last', models.BigIntegerField()),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('era', models.SmallIntegerField(db_default=django.db.models.expressions.RawSQL('ledger_current_era()', ()))),
                ('xid', banyan.ledger.models.TransactionIdField(db_default=models.Func(function='pg_current_xact_id'))),
                ('at', models.DateTimeField()),
                ('verb', models.CharField(max_length=60)),
                ('account', models.BigIntegerField(null=True)),
                ('post', models.BigIntegerField(null=True)),
                ('unit', models.BigIntegerField(null=True)),
                ('thing_kind', models.CharField(max_length=60)),
                ('thing_id', models.BigIntegerField(null=True)),
                ('things', models.PositiveIntegerField(default=1)),
                ('tells', models.JSONField(default=dict)),
                ('hash', models.CharField(max_length=64)),
            ],
            options={
                'indexes': [models.Index(fields=['era', 'xid', 'id'], name='event_in_order'), models.Index(fields=['thing_kind', 'thing_id', 'id'], name='event_of_thing'), models.Index(fields=['unit', 'id'], name='event_at_unit')],
            },
        ),
        migrations.CreateModel(
            name='Receipt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account', models.BigIntegerField()),
                ('key', models.CharField(max_length=64)),
                ('request_hash', models.CharField(max_length=64)),
                ('thing_kind', models.CharField(default='', max_length=60)),
                ('thing_id', models.BigIntegerField(null=True)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('account', 'key'), name='one_receipt_a_key')],
            },
        ),
        migrations.CreateModel(
            name='Position',
            fields=[
                ('position', models.BigIntegerField(primary_key=True, serialize=False)),
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='place', to='ledger.event')),
                ('seal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='places', to='ledger.seal')),
            ],
        ),
    ]
