
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('notices', '0001_inbox'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Switch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=60)),
                ('inbox', models.BooleanField()),
                ('mail', models.BooleanField()),
            ],
        ),
        migrations.AddField(
            model_name='notice',
            name='day',
            field=models.DateField(null=True),
        ),
        migrations.AlterField(
            model_name='notice',
            name='event',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.UniqueConstraint(condition=models.Q(('event', None)), fields=('account', 'kind', 'thing_kind', 'thing_id', 'day'), name='reminded_once_a_day'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(('event__isnull', False), ('day__isnull', False), _connector='XOR'), name='of_an_event_or_for_a_day'),
        ),
        migrations.AddField(
            model_name='switch',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='switches', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='switch',
            constraint=models.UniqueConstraint(fields=('account', 'kind'), name='one_switch_a_kind'),
        ),
    ]
