import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.contrib.postgres.operations import BtreeGistExtension, TrigramExtension
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        BtreeGistExtension(),
        TrigramExtension(),
        migrations.CreateModel(
            name='Group',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(max_length=60, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField()),
            ],
        ),
        migrations.CreateModel(
            name='Unit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('country', 'Country'), ('province', 'Province or city'), ('district', 'District'), ('commune', 'Commune or ward'), ('village', 'Village or quarter'), ('committee', 'Committee'), ('agency', 'Agency'), ('cell', 'Cell'), ('organisation', 'Organisation')], max_length=20, verbose_name='kind')),
                ('source', models.CharField(blank=True, max_length=120)),
            ],
        ),
        migrations.CreateModel(
            name='GroupMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='orgs.group')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to='orgs.unit')),
            ],
        ),
        migrations.AddField(
            model_name='group',
            name='unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='groups_kept', to='orgs.unit'),
        ),
        migrations.AddField(
            model_name='group',
            name='units',
            field=models.ManyToManyField(related_name='groups', through='orgs.GroupMember', to='orgs.unit'),
        ),
        migrations.CreateModel(
            name='Ancestry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tree', models.CharField(choices=[('state', 'State administration'), ('party', 'Party'), ('front', 'Front and unions')], max_length=20)),
                ('depth', models.SmallIntegerField()),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField()),
                ('ancestor', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='descent', to='orgs.unit')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ancestry', to='orgs.unit')),
            ],
        ),
        migrations.CreateModel(
            name='UnitCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scheme', models.CharField(default='gso', max_length=20)),
                ('code', models.CharField(max_length=40)),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField()),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='codes', to='orgs.unit')),
            ],
        ),
        migrations.CreateModel(
            name='UnitName',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(default='vi', max_length=5)),
                ('name', models.CharField(max_length=200)),
                ('sort_key', models.CharField(db_collation='C', editable=False, max_length=450)),
                ('folded', models.CharField(editable=False, max_length=200)),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField()),
                ('note', models.CharField(blank=True, max_length=200)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='names', to='orgs.unit')),
            ],
        ),
        migrations.CreateModel(
            name='Succession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField()),
                ('kind', models.CharField(choices=[('whole', 'whole'), ('part', 'part'), ('split', 'split')], max_length=10)),
                ('share', models.DecimalField(blank=True, decimal_places=6, max_digits=7, null=True)),
                ('decision', models.CharField(blank=True, max_length=120)),
                ('from_unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='successions', to='orgs.unit')),
                ('to_unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='predecessors', to='orgs.unit')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('from_unit', 'to_unit', 'on'), name='one_succession'), models.CheckConstraint(condition=models.Q(('from_unit', models.F('to_unit')), _negated=True), name='nobody_succeeds_himself')],
            },
        ),
        migrations.CreateModel(
            name='Placement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tree', models.CharField(choices=[('state', 'State administration'), ('party', 'Party'), ('front', 'Front and unions')], default='state', max_length=20)),
                ('valid', django.contrib.postgres.fields.ranges.DateRangeField()),
                ('note', models.CharField(blank=True, max_length=200)),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='child_placements', to='orgs.unit')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='placements', to='orgs.unit')),
            ],
            options={
                'constraints': [django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('unit', '='), ('tree', '='), ('valid', '&&')], name='one_parent_at_a_time', violation_error_message='This unit already has a parent in that period.'), models.CheckConstraint(condition=models.Q(('parent__isnull', True), models.Q(('parent', models.F('unit')), _negated=True), _connector='OR'), name='no_unit_under_itself')],
            },
        ),
        migrations.AddConstraint(
            model_name='groupmember',
            constraint=models.UniqueConstraint(fields=('group', 'unit'), name='once_in_a_group'),
        ),
        migrations.AddIndex(
            model_name='ancestry',
            index=django.contrib.postgres.indexes.GistIndex(fields=['ancestor', 'tree', 'valid'], name='ancestry_down'),
        ),
        migrations.AddConstraint(
            model_name='ancestry',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('unit', '='), ('ancestor', '='), ('tree', '='), ('valid', '&&')], name='one_path_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='unitcode',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('scheme', '='), ('code', '='), ('valid', '&&')], name='one_unit_a_code', violation_error_message='Another unit bears this code in that period.'),
        ),
        migrations.AddIndex(
            model_name='unitname',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass('folded', name='gin_trgm_ops'), name='unit_name_search'),
        ),
        migrations.AddConstraint(
            model_name='unitname',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('unit', '='), ('language', '='), ('valid', '&&')], name='one_name_at_a_time', violation_error_message='This unit already has a name in that period.'),
        ),
    ]
